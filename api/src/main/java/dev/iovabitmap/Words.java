package dev.iovabitmap;

import dev.iovabitmap.words.HeapWords;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Bits of words wherever they are: chosen once for each call, the loop for arrays or that for segments. */
final class Words {
    private Words() {}

    /** Counts the set bits from one to another, inclusive. */
    static long count(MemorySegment data, long firstBit, long lastBit) {
        long first = firstBit >>> 6;
        long last = lastBit >>> 6;
        // shift counts are taken modulo 64, so these are the bits from firstBit up, and up to lastBit, in their words
        long head = -1L << firstBit;
        long tail = -1L >>> ~lastBit;
        if (first == last) {
            return Long.bitCount(SegmentWords.get(data, first) & head & tail);
        }
        long @Nullable [] array = HeapWords.arrayOf(data);
        long between = array != null
                ? HeapWords.count(array, HeapWords.baseOf(data) + (int) first + 1, (int) (last - first - 1))
                : SegmentWords.count(data, first + 1, last - first - 1);
        return between
                + Long.bitCount(SegmentWords.get(data, first) & head)
                + Long.bitCount(SegmentWords.get(data, last) & tail);
    }

    /** Sets bits, by one writer. */
    static void set(MemorySegment data, long firstBit, long lastBit) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.set(array, HeapWords.baseOf(data), firstBit, lastBit);
        } else {
            SegmentWords.set(data, firstBit, lastBit);
        }
    }

    /**
     * Clears bits. Whole words are overwritten. Those at the ends, which hold other bits as well, are changed atomically where
     * the data can be: no other bit is lost beside writers.
     */
    static void clear(MemorySegment data, long firstBit, long lastBit) {
        long first = firstBit >>> 6;
        long last = lastBit >>> 6;
        if (last - first < 2) {
            clearAtomically(data, firstBit, lastBit);
            return;
        }
        clearAtomically(data, firstBit, firstBit | 63);
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.fill(array, HeapWords.baseOf(data), first + 1, last, 0L);
        } else {
            SegmentWords.fill(data, first + 1, last, 0L);
        }
        clearAtomically(data, last << 6, lastBit);
    }

    /** Clears bits, atomically for each word where the data can be accessed so. */
    static void clearAtomically(MemorySegment data, long firstBit, long lastBit) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.clearAtomically(array, HeapWords.baseOf(data), firstBit, lastBit);
        } else if (SegmentWords.isAligned(data)) {
            SegmentWords.clearAtomically(data, firstBit, lastBit);
        } else {
            SegmentWords.clear(data, firstBit, lastBit);
        }
    }

    /** Sets bits, atomically for each word where the data can be accessed so. */
    static void setAtomically(MemorySegment data, long firstBit, long lastBit) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.setAtomically(array, HeapWords.baseOf(data), firstBit, lastBit);
        } else if (SegmentWords.isAligned(data)) {
            SegmentWords.setAtomically(data, firstBit, lastBit);
        } else {
            SegmentWords.set(data, firstBit, lastBit);
        }
    }

    /** Adds the bits of the first words to others. */
    static void merge(MemorySegment from, MemorySegment into, long words) {
        long @Nullable [] source = HeapWords.arrayOf(from);
        long @Nullable [] target = HeapWords.arrayOf(into);
        if (source != null && target != null) {
            HeapWords.merge(source, HeapWords.baseOf(from), target, HeapWords.baseOf(into), (int) words);
        } else {
            SegmentWords.merge(from, into, words);
        }
    }
}
