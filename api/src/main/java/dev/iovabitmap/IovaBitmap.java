package dev.iovabitmap;

import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A bitmap over a range of I/O virtual addresses, one bit for each page, in words that the caller owns. Whoever tracks
 * dirty pages marks them here; a bit that is lost is a page that live migration does not copy.
 *
 * <p>Bit {@code (x - iova) >>> pageShift} stands for address {@code x}; bit {@code k} is bit {@code k % 8} of byte
 * {@code k / 8} of {@link #data()}. Bits are only ever set, never cleared: {@link DirtyPages} reads and clears.
 *
 * <p><b>One writer.</b> {@link #set} is not atomic. Several trackers each fill a bitmap of their own, and
 * {@link DirtyPages#merge} joins them. A bitmap whose provider has {@link dev.iovabitmap.spi.Feature#CONCURRENT_SET} takes
 * {@code set} and {@code setClipped} from many threads at once; iterating and closing stay with one thread.
 *
 * <p>After {@link #close} the marking and iterating methods throw {@link IllegalStateException}. So they do when the arena
 * of {@link #data()} is closed. From a thread that may not touch {@code data()} they throw {@link WrongThreadException}.
 * In none of these cases has anything changed.
 *
 * @see <a href="https://docs.kernel.org/driver-api/vfio.html">the kernel's VFIO documentation</a>
 */
public interface IovaBitmap extends AutoCloseable {
    /** {@return the range and page size this bitmap was allocated for} Answers after close too. */
    IovaBitmapLayout layout();

    /** {@return the segment given at allocation} It belongs to the caller, is not changed by close, and outlives the bitmap. */
    MemorySegment data();

    /**
     * Marks every page that a range of addresses touches.
     *
     * @param iova the first address, unsigned; need not be aligned to a page
     * @param length the length in bytes, unsigned, independent of the page size; 0 marks nothing, and is legal from the
     *     bitmap's first address up to the one behind its last
     * @throws IndexOutOfBoundsException if the range is not wholly inside the bitmap's, wrap-around included; nothing is
     *     marked then
     * @throws IllegalStateException if this bitmap or the arena of its data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    void set(long iova, long length);

    /**
     * Marks every page that the part of a range touches which lies in the bitmap's range. A range that would wrap is cut at
     * 2^64 - 1. Marks nothing if no part does, or if the length is 0.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     * @throws IllegalStateException if this bitmap or the arena of its data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    default void setClipped(long iova, long length) {
        IovaBitmapLayout layout = layout();
        long first = Unsigned.max(iova, layout.iova());
        long last = Unsigned.min(Unsigned.lastOrTop(iova, length), layout.lastIova());
        if (length == 0 || Unsigned.less(last, first)) {
            set(layout.iova(), 0); // marks nothing, but a closed bitmap still says so
        } else {
            set(first, last - first + 1);
        }
    }

    /**
     * Calls back for each window of the range, in ascending order. The windows tile the range: no gap, no overlap, none
     * empty. A window spans at most 2 MiB of bitmap, as in a kernel with pages of 4 KiB: 64 GiB of addresses at 4 KiB a bit.
     * The callback may mark any part of the whole range, not just of its window.
     *
     * @param opaque handed to the callback as it is
     * @param callback called once for each window; see {@link IovaBitmapCallback} for how its exception type is inferred
     * @param <A> the type of the opaque argument
     * @param <X> what the callback throws
     * @throws X what the callback throws, unchanged; it ends the iteration, and bits set before stay set
     * @throws IllegalStateException if this bitmap or the arena of its data is closed, or if called from inside a callback of
     *     the same bitmap
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    <A extends @Nullable Object, X extends Exception> void forEach(
            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X;

    /**
     * Ends the use of this bitmap. Its data stays valid and unchanged. Closing again does nothing.
     *
     * @throws IllegalStateException if called from inside a callback of this bitmap
     */
    @Override
    void close();
}
