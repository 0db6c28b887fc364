package dev.iovabitmap;

import dev.iovabitmap.words.HeapWords;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a bitmap recorded, and clears it. Works on a layout and the words alone, so it is the same for every backend,
 * and for words that came from a file or a kernel. Bits above {@link IovaBitmapLayout#bitCount} are neither seen nor
 * changed.
 *
 * <p>Every method throws {@link IllegalArgumentException} if the data is smaller than {@link IovaBitmapLayout#byteSize}, or
 * read-only where the method writes, and what the segment throws if its arena is closed or belongs to another thread.
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
        DirtyRuns.visit(layout, data, visitor);
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
        DirtyRuns.drain(layout, data, visitor);
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
        long @Nullable [] array = HeapWords.arrayOf(data);
        long last = layout.wordCount() - 1;
        long count = array != null
                ? HeapWords.count(array, HeapWords.baseOf(data), (int) last)
                : SegmentWords.count(data, 0, last);
        return count + Long.bitCount(SegmentWords.get(data, last) & lastWordMask(layout));
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
     * Adds the dirty pages of one bitmap to another; nothing is cleared. The same layout gives the union. Otherwise every page
     * of the target that a dirty byte touches is marked, as far as it lies in the target's range.
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
            unite(from, fromData, intoData);
        } else {
            DirtyRuns.merge(from, fromData, into, intoData);
        }
    }

    /**
     * Clears all pages.
     *
     * @param layout the range and page size
     * @param data the words
     */
    public static void clear(IovaBitmapLayout layout, MemorySegment data) {
        require(layout, data);
        requireWritable(data, "data");
        long lastWord = layout.wordCount() - 1;
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.fill(array, HeapWords.baseOf(data), 0, lastWord, 0L);
        } else {
            SegmentWords.fill(data, 0, lastWord, 0L);
        }
        SegmentWords.clear(data, lastWord << 6, layout.bitCount() - 1);
    }

    private static void unite(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
        long @Nullable [] source = HeapWords.arrayOf(from);
        long @Nullable [] target = HeapWords.arrayOf(into);
        long last = layout.wordCount() - 1;
        if (source != null && target != null) {
            HeapWords.merge(source, HeapWords.baseOf(from), target, HeapWords.baseOf(into), (int) last);
        } else {
            SegmentWords.merge(from, into, last);
        }
        SegmentWords.or(into, last, SegmentWords.get(from, last) & lastWordMask(layout));
    }

    private static long lastWordMask(IovaBitmapLayout layout) {
        return -1L >>> -layout.bitCount();
    }

    private static void require(IovaBitmapLayout layout, MemorySegment data) {
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(data, "data");
        if (data.byteSize() < layout.byteSize()) {
            throw new IllegalArgumentException("data of " + data.byteSize() + " bytes is smaller than the "
                    + layout.byteSize() + " bytes of " + layout);
        }
    }

    private static void requireWritable(MemorySegment data, String name) {
        if (data.isReadOnly()) {
            throw new IllegalArgumentException(name + " is read-only: " + data);
        }
    }
}
