package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.words.SegmentWords;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

// By address, and not by what was asked for: mappings come and go, and what was written stays written. There is memory
// only where there is dirt. Pages are counted from address 0, and a chunk has the bits of as many pages as its words.

/** Dirt that the kernel has forgotten and no bitmap has yet, in pages of one size. */
final class DirtyLog {
    private static final int CHUNK_SHIFT = 15;
    private static final int CHUNK_WORDS = 1 << CHUNK_SHIFT >>> 6;

    private final long pageSize;
    private final int shift;
    private final TreeMap<Long, long[]> chunks = new TreeMap<>(Unsigned::compare);

    DirtyLog(long pageSize) {
        this.pageSize = pageSize;
        this.shift = Long.numberOfTrailingZeros(pageSize);
    }

    /**
     * Adds what a report wrote.
     *
     * @param unit what was asked for, of whole pages
     * @param common the part of it that is wanted
     * @param reported the unit's bits; what follows them is not read
     */
    void add(IovaRange unit, IovaRange common, MemorySegment reported) {
        long base = unit.iova() >>> shift;
        long first = (common.iova() >>> shift) - base;
        long last = (common.lastIova() >>> shift) - base;
        for (long index = first >>> 6; index <= last >>> 6; index++) {
            long word = SegmentWords.get(reported, index);
            if (word != 0) {
                or(base + (index << 6), word & mask(index, first, last));
            }
        }
    }

    /** The bits of a word that lie between two bits, both included. */
    private static long mask(long index, long first, long last) {
        long mask = index == first >>> 6 ? -1L << first : -1L;
        return index == last >>> 6 ? mask & (-1L >>> ~last) : mask;
    }

    /** Sets the bits of a word whose first bit is a page of any number. */
    private void or(long page, long word) {
        orAligned(page >>> 6, word << page);
        if ((page & 63) != 0) {
            orAligned((page >>> 6) + 1, word >>> -page);
        }
    }

    private void orAligned(long index, long word) {
        if (word != 0) {
            long[] chunk = chunks.computeIfAbsent(index >>> (CHUNK_SHIFT - 6), missing -> new long[CHUNK_WORDS]);
            chunk[(int) index & (CHUNK_WORDS - 1)] |= word;
        }
    }

    /**
     * Hands the dirt over that a bitmap covers. What it covers in part stays here as well.
     *
     * @param bitmap the bitmap
     * @param ranges what bitmaps may cover; null if all of the dirt stays here
     */
    void handOver(TrackedBitmap bitmap, @Nullable RangeSet ranges) {
        IovaBitmapLayout layout = bitmap.layout();
        long first = layout.iova() >>> shift;
        long last = layout.lastIova() >>> shift;
        boolean samePages = layout.pageSize() == pageSize && layout.iova() == first << shift;
        Iterator<Map.Entry<Long, long[]>> touched = chunks.subMap(
                        first >>> CHUNK_SHIFT, true, last >>> CHUNK_SHIFT, true)
                .entrySet()
                .iterator();
        while (touched.hasNext()) {
            Map.Entry<Long, long[]> entry = touched.next();
            long[] chunk = entry.getValue();
            long base = entry.getKey() << (CHUNK_SHIFT - 6);
            long left = 0;
            for (int i = 0; i < CHUNK_WORDS; i++) {
                long index = base + i;
                if (chunk[i] == 0 || Unsigned.less(index, first >>> 6) || Unsigned.less(last >>> 6, index)) {
                    left |= chunk[i];
                    continue;
                }
                long word = chunk[i] & mask(index, first, last);
                if (samePages) {
                    orInto(bitmap.data(), (index << 6) - first, word);
                } else {
                    setRuns(bitmap, index << 6, word);
                }
                if (ranges != null) {
                    chunk[i] &= ~word
                            | (index == first >>> 6 && isCut(first, layout, ranges) ? 1L << first : 0)
                            | (index == last >>> 6 && isCut(last, layout, ranges) ? 1L << last : 0);
                }
                left |= chunk[i];
            }
            if (left == 0) {
                touched.remove();
            }
        }
    }

    /** Sets bits of data from a position on, which is below 0 where the word's first bits lie before the data. */
    private static void orInto(MemorySegment data, long bit, long word) {
        if (bit < 0) {
            SegmentWords.or(data, 0, word >>> -bit);
            return;
        }
        SegmentWords.or(data, bit >>> 6, word << bit);
        if ((bit & 63) != 0 && word >>> -bit != 0) {
            SegmentWords.or(data, (bit >>> 6) + 1, word >>> -bit);
        }
    }

    private void setRuns(TrackedBitmap bitmap, long page, long word) {
        for (long left = word; left != 0; ) {
            int first = Long.numberOfTrailingZeros(left);
            int count = Long.numberOfTrailingZeros(~(left >>> first));
            long from = Unsigned.max(firstOf(page + first), bitmap.layout().iova());
            long to = Unsigned.min(
                    lastOf(page + first + count - 1), bitmap.layout().lastIova());
            bitmap.set(from, to - from + 1);
            left = first + count == Long.SIZE ? 0 : left & -1L << (first + count);
        }
    }

    /** Whether another bitmap may cover some of a page that a bitmap does not. */
    private boolean isCut(long page, IovaBitmapLayout layout, RangeSet ranges) {
        long before = layout.iova() - firstOf(page);
        long after = lastOf(page) - layout.lastIova();
        return (Unsigned.less(firstOf(page), layout.iova())
                        && !ranges.within(new IovaRange(firstOf(page), before)).isEmpty())
                || (Unsigned.less(layout.lastIova(), lastOf(page))
                        && !ranges.within(new IovaRange(layout.lastIova() + 1, after))
                                .isEmpty());
    }

    /** {@return how many pages are dirty} */
    long count() {
        return chunks.values().stream()
                .flatMapToLong(Arrays::stream)
                .map(Long::bitCount)
                .sum();
    }

    private long firstOf(long page) {
        return page << shift;
    }

    private long lastOf(long page) {
        return page << shift | (pageSize - 1);
    }
}
