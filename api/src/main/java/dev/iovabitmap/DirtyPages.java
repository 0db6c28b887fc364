package dev.iovabitmap;

import dev.iovabitmap.words.SegmentWords;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Reads what a bitmap recorded, and clears it. Works on a layout and the words alone, so it is the same for every backend,
 * and for words that came from a file or a kernel. Bits above {@link IovaBitmapLayout#bitCount} are neither seen nor
 * changed.
 *
 * <p>Every method throws {@link IllegalArgumentException} if the data is smaller than {@link IovaBitmapLayout#byteSize}, or
 * read-only where the method writes, and what the segment throws if its arena is closed or belongs to another thread.
 * Over a mapped file that was cut, or whose disk is full, each may end in an {@link InternalError}, or one of the calls that
 * follow: then all pages count as dirty.
 *
 * <p>Some methods come twice, for all pages and for a part: the range from {@code iova} on, {@code length} bytes long. As for
 * {@link IovaBitmap#set}, a part that is not wholly inside the layout's range is refused whole with an
 * {@link IndexOutOfBoundsException}, before anything is read or changed, and a part of length 0 has no pages. A page that a part
 * touches is counted, and visited cut to the part. It is cleared only if all of it is in the part (of the last page, all that
 * the layout has). So a loop that drains a part <b>until its count is 0</b> does not end if a page at its edge is dirty.
 *
 * <p>Which method does what beside other threads that set bits, with {@link dev.iovabitmap.spi.Feature#CONCURRENT_SET}, in the
 * same words:
 * <ul>
 * <li>{@link #take} and {@link #drain(IovaBitmapLayout, MemorySegment, RangeVisitor) drain} lose no bit.
 * <li>{@link #merge} loses bits that others set in its target; its source may have writers.
 * <li>{@link #clear(IovaBitmapLayout, MemorySegment) clear} clears also what was set since the caller looked.
 * <li>What only reads sees a bit that is set meanwhile, or not.
 * </ul>
 */
public final class DirtyPages {
    private DirtyPages() {}

    /**
     * Takes a range of dirty pages. A lambda that throws two unrelated checked exceptions infers {@code X} as
     * {@link Exception}.
     *
     * @param <X> what the visitor throws
     */
    @FunctionalInterface
    public interface RangeVisitor<X extends Exception> {
        /**
         * Called once for each range, in ascending order.
         *
         * @param iova the first address, unsigned
         * @param length the length in bytes, unsigned, never 0
         * @throws X to end the visit
         */
        void onRange(long iova, long length) throws X;
    }

    /**
     * Visits the dirty ranges in ascending order. Each is maximal, and the last is cut to the layout's range.
     *
     * @param layout the range and page size
     * @param data the words
     * @param visitor takes the ranges
     * @param <X> what the visitor throws
     * @throws X what the visitor throws, unchanged
     */
    public static <X extends Exception> void forEachRange(
            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
        require(layout, data);
        Objects.requireNonNull(visitor, "visitor");
        DirtyRuns.visit(layout, data, layout.iova(), layout.lastIova(), visitor);
    }

    /**
     * Visits the dirty ranges of a part like {@link #forEachRange(IovaBitmapLayout, MemorySegment, RangeVisitor)}. Each is
     * maximal inside the part, and cut to it.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova the first address of the part, unsigned
     * @param length the part's length in bytes, unsigned
     * @param visitor takes the ranges
     * @param <X> what the visitor throws
     * @throws X what the visitor throws, unchanged
     * @throws IndexOutOfBoundsException if the part is not wholly inside
     */
    public static <X extends Exception> void forEachRange(
            IovaBitmapLayout layout, MemorySegment data, long iova, long length, RangeVisitor<? extends X> visitor)
            throws X {
        require(layout, data);
        layout.requireInside(iova, length);
        Objects.requireNonNull(visitor, "visitor");
        if (length != 0) {
            DirtyRuns.visit(layout, data, iova, iova + length - 1, visitor);
        }
    }

    /**
     * Visits the dirty ranges like {@link #forEachRange} and clears each. A range is cleared before the visitor sees it, so a
     * page that is dirtied again while it is being copied is dirty again. If the visitor throws, its range is marked again,
     * so that no dirt is lost, and the rest is untouched.
     *
     * <p>Over 8-byte-aligned data that a bitmap with {@link dev.iovabitmap.spi.Feature#CONCURRENT_SET} is writing to, no bit
     * that is set meanwhile is lost; each is handed over by this call or left for the next. One thread drains at a time.
     *
     * @param layout the range and page size
     * @param data the words
     * @param visitor takes the ranges
     * @param <X> what the visitor throws
     * @throws X what the visitor throws, unchanged
     */
    public static <X extends Exception> void drain(
            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
        require(layout, data);
        requireWritable(data, "data");
        Objects.requireNonNull(visitor, "visitor");
        DirtyRuns.drain(layout, data, layout.iova(), layout.lastIova(), visitor);
    }

    /**
     * Visits the dirty ranges of a part and clears them, like {@link #drain(IovaBitmapLayout, MemorySegment, RangeVisitor)}. A
     * page that the part only touches is visited, cut to the part, and stays dirty: what lies outside was not handed over. A
     * loop until {@link #count(IovaBitmapLayout, MemorySegment, long, long)} is 0 may therefore never end.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova the first address of the part, unsigned
     * @param length the part's length in bytes, unsigned
     * @param visitor takes the ranges
     * @param <X> what the visitor throws
     * @throws X what the visitor throws, unchanged
     * @throws IndexOutOfBoundsException if the part is not wholly inside
     */
    public static <X extends Exception> void drain(
            IovaBitmapLayout layout, MemorySegment data, long iova, long length, RangeVisitor<? extends X> visitor)
            throws X {
        require(layout, data);
        requireWritable(data, "data");
        layout.requireInside(iova, length);
        Objects.requireNonNull(visitor, "visitor");
        if (length != 0) {
            DirtyRuns.drain(layout, data, iova, iova + length - 1, visitor);
        }
    }

    /**
     * Counts the dirty pages.
     *
     * @param layout the range and page size
     * @param data the words
     * @return how many, unsigned
     */
    public static long count(IovaBitmapLayout layout, MemorySegment data) {
        require(layout, data);
        return Words.count(data, 0, layout.bitCount() - 1);
    }

    /**
     * Counts the dirty pages that a part touches.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova the first address of the part, unsigned
     * @param length the part's length in bytes, unsigned
     * @return how many, unsigned
     * @throws IndexOutOfBoundsException if the part is not wholly inside
     */
    public static long count(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
        require(layout, data);
        layout.requireInside(iova, length);
        return length == 0 ? 0 : Words.count(data, layout.bitOf(iova), layout.bitOf(iova + length - 1));
    }

    /**
     * Returns whether the page of an address is dirty.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova an address inside the layout's range, unsigned
     * @return whether its bit is set
     * @throws IndexOutOfBoundsException if the address is outside
     */
    public static boolean isDirty(IovaBitmapLayout layout, MemorySegment data, long iova) {
        require(layout, data);
        long bit = layout.bitOf(iova);
        return (SegmentWords.get(data, bit >>> 6) >>> bit & 1) != 0;
    }

    /**
     * Returns the first dirty address from one on: that address itself if its page is dirty, else where the next dirty page
     * begins. If there is none, that is the address after the range, {@code layout.iova() + layout.length()}, which wraps to 0
     * at the top of the space and is never inside. It may also be given, and is answered with itself. So this visits all
     * dirty ranges:
     *
     * <pre>{@code
     * long end = layout.iova() + layout.length();
     * for (long at = nextDirty(layout, data, layout.iova()); at != end; ) {
     *     long stop = nextClean(layout, data, at);
     *     use(at, stop - at);
     *     at = nextDirty(layout, data, stop);
     * }
     * }</pre>
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova where to begin, unsigned
     * @return the address, unsigned
     * @throws IndexOutOfBoundsException if the address is neither inside nor the one after the range
     */
    public static long nextDirty(IovaBitmapLayout layout, MemorySegment data, long iova) {
        return next(layout, data, iova, 0L);
    }

    /**
     * Returns the first clean address from one on, like {@link #nextDirty}.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova where to begin, unsigned; for the address after the range the answer is that address
     * @return the address, unsigned; the one after the range, modulo 2^64, if there is no such page
     * @throws IndexOutOfBoundsException if the address is neither inside nor the one after the range
     */
    public static long nextClean(IovaBitmapLayout layout, MemorySegment data, long iova) {
        return next(layout, data, iova, -1L);
    }

    private static long next(IovaBitmapLayout layout, MemorySegment data, long iova, long passed) {
        require(layout, data);
        layout.requireInside(iova, 0);
        return iova == layout.iova() + layout.length() ? iova : DirtyRuns.next(layout, data, iova, passed);
    }

    /**
     * Adds the dirty pages of one bitmap to another; nothing is cleared. The same layout gives the union. Otherwise every page
     * of the target that a dirty byte touches is marked, as far as it lies in the target's range.
     *
     * <p><b>For a target with one writer, this one</b>: a bit that another thread sets in the target meanwhile may be lost. And
     * this is no half of a move: a bit that is set in the source before it is cleared is lost too. Beside other writers of
     * either use {@link #take}.
     *
     * @param from the layout of the source
     * @param fromData the words of the source
     * @param into the layout of the target
     * @param intoData the words of the target, which has no other writer
     */
    public static void merge(
            IovaBitmapLayout from, MemorySegment fromData, IovaBitmapLayout into, MemorySegment intoData) {
        require(from, fromData);
        require(into, intoData);
        requireWritable(intoData, "intoData");
        if (from.equals(into)) {
            // not by the words' number: a stray bit of the last word is nobody's to merge
            Words.merge(fromData, intoData, from.wordCount() - 1);
            long last = from.wordCount() - 1;
            SegmentWords.or(intoData, last, SegmentWords.get(fromData, last) & lastWordMask(from));
        } else {
            DirtyRuns.merge(from, fromData, into, intoData);
        }
    }

    /**
     * Moves all dirty pages of one bitmap into another of the same layout: they are marked there and cleared here. Loses no bit
     * beside any number of threads that set bits with {@link dev.iovabitmap.spi.Feature#CONCURRENT_SET}, drain or take, on either
     * side: what is set here meanwhile is moved by this call or left for the next, and what is set there stays.
     *
     * <p>This is the snapshot of a round of copying: take the marks, work on them undisturbed, and if the round fails take them
     * back. It is not one instant, but one for each word, and while it runs a bit may be in neither bitmap. If anything throws,
     * what was cleared is marked here again; bits that had arrived are then in both.
     *
     * @param layout the range and page size of both
     * @param from the words to move from
     * @param into the words to move to
     * @throws IllegalArgumentException also, before anything is changed, if one of them cannot be accessed atomically (it is not
     *     8-byte aligned for certain: aligned memory off the heap and {@code long[]} are), or both overlap
     */
    public static void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
        requireAtomic(layout, from, "from");
        requireAtomic(layout, into, "into");
        if (from.asOverlappingSlice(into).isPresent()) {
            throw new IllegalArgumentException("from and into overlap: " + from + " and " + into);
        }
        // a closed arena, and one of another thread, throw here
        long unused = SegmentWords.get(from, 0) | SegmentWords.get(into, 0);
        DirtyTake.move(layout, from, into);
    }

    /**
     * Clears all pages.
     *
     * <p><b>Not beside other writers</b> if what they mark matters: also what was marked since the caller read it is cleared.
     * To read and clear use {@link #drain(IovaBitmapLayout, MemorySegment, RangeVisitor)} or {@link #take}.
     *
     * @param layout the range and page size
     * @param data the words
     */
    public static void clear(IovaBitmapLayout layout, MemorySegment data) {
        require(layout, data);
        requireWritable(data, "data");
        Words.clear(data, 0, layout.bitCount() - 1);
    }

    /**
     * Clears the pages that are wholly inside a part, like {@link #clear(IovaBitmapLayout, MemorySegment)}. A page that the part
     * only touches stays as it is, so that the count of the part may not be 0 then. In 8-byte-aligned data no bit of other pages
     * is lost that others set meanwhile.
     *
     * @param layout the range and page size
     * @param data the words
     * @param iova the first address of the part, unsigned
     * @param length the part's length in bytes, unsigned
     * @throws IndexOutOfBoundsException if the part is not wholly inside
     */
    public static void clear(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
        require(layout, data);
        requireWritable(data, "data");
        layout.requireInside(iova, length);
        if (length == 0) {
            return;
        }
        long first = layout.firstWhole(iova);
        long stop = layout.stopWhole(iova + length - 1);
        if (Unsigned.less(first, stop)) {
            Words.clear(data, first, stop - 1);
        }
    }

    private static long lastWordMask(IovaBitmapLayout layout) {
        return -1L >>> -layout.bitCount();
    }

    private static void requireAtomic(IovaBitmapLayout layout, MemorySegment data, String name) {
        require(layout, data, name);
        requireWritable(data, name);
        if (!SegmentWords.isAligned(data)) {
            throw new IllegalArgumentException(
                    name + " cannot be accessed atomically, it is not 8-byte aligned for certain: " + data);
        }
    }

    private static void require(IovaBitmapLayout layout, MemorySegment data) {
        require(layout, data, "data");
    }

    private static void require(IovaBitmapLayout layout, MemorySegment data, String name) {
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(data, name);
        if (data.byteSize() < layout.byteSize()) {
            throw new IllegalArgumentException(name + " of " + data.byteSize() + " bytes is smaller than the "
                    + layout.byteSize() + " bytes of " + layout);
        }
    }

    private static void requireWritable(MemorySegment data, String name) {
        if (data.isReadOnly()) {
            throw new IllegalArgumentException(name + " is read-only: " + data);
        }
    }
}
