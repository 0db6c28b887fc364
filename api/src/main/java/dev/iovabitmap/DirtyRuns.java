package dev.iovabitmap;

import dev.iovabitmap.words.HeapWords;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds the maximal runs of dirty pages. The simple way, a search for the next set bit and one for the next clear bit, pays
 * for each run with two searches whose ends no branch predictor foresees. Here each word is read once, and its edges are
 * worked off: the bits that differ from the bit below, {@code word ^ (word << 1 | carry)} with the top bit of the word
 * before as carry. They alternate between the start of a run and the first page behind one.
 *
 * <p>Stretches without an edge, clean ones and dirty ones, are passed over in blocks of eight words, and long ones in strips that
 * the JIT turns into vectors. In a block that is not clean, a mask of the words that are not zero, made without a branch, leads
 * from one of these to the next: for a bitmap where every other word is zero at random, asking word by word would be a
 * misprediction for every other word.
 *
 * <p>Others may set bits meanwhile. A word that was zero when the mask was made may be passed over, but only outside a run.
 * Inside one every word is read, so nothing is ever reported that was not seen dirty.
 */
final class DirtyRuns {
    /** No bit: no run is open. */
    private static final long CLOSED = -1;

    /** How many dirty words are passed over one by one; most runs end in less, and then a block costs more than it saves. */
    private static final int NEAR = 64;

    private DirtyRuns() {}

    /** Visits the runs, and clears each before the visitor sees it if {@code draining}. */
    static <X extends Exception> void visit(
            IovaBitmapLayout layout, MemorySegment data, boolean draining, DirtyPages.RangeVisitor<? extends X> visitor)
            throws X {
        long @Nullable [] array = HeapWords.arrayOf(data);
        int base = array != null ? HeapWords.baseOf(data) : 0;
        long words = layout.wordCount();
        long end = layout.bitCount();
        long index = 0;
        while (true) {
            long block = skip(array, base, data, index, words, 0L);
            if (block == words) {
                return;
            }
            long pending = other(array, base, data, block, words, 0L);
            index = block + HeapWords.BLOCK;
            while (pending != 0) {
                long at = block + Long.numberOfTrailingZeros(pending);
                pending &= pending - 1;
                long first = visitWord(layout, data, draining, visitor, end, at, word(array, base, data, at), CLOSED);
                if (first != CLOSED) {
                    do {
                        at = passFull(array, base, data, at + 1, words);
                        if (at == words) {
                            handOver(layout, data, draining, visitor, end, first, end);
                            return;
                        }
                        first = visitWord(layout, data, draining, visitor, end, at, word(array, base, data, at), first);
                    } while (first != CLOSED);
                    if (at >= index) {
                        index = at + 1;
                        break;
                    }
                    pending &= -2L << (at - block);
                }
            }
        }
    }

    /**
     * Visits the runs that end in a word.
     *
     * @param first the first bit of the run that reaches the word from below, or {@link #CLOSED}
     * @return the first bit of the run that reaches the word above, or {@link #CLOSED}
     */
    private static <X extends Exception> long visitWord(
            IovaBitmapLayout layout,
            MemorySegment data,
            boolean draining,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long index,
            long word,
            long first)
            throws X {
        long dirty = index == (end - 1) >>> 6 ? word & -1L >>> -end : word; // without stray bits
        long edges = dirty ^ (dirty << 1 | (first == CLOSED ? 0 : 1));
        long start = first;
        while (edges != 0) {
            long edge = (index << 6) + Long.numberOfTrailingZeros(edges);
            edges &= edges - 1;
            if (start == CLOSED) {
                start = edge;
            } else {
                handOver(layout, data, draining, visitor, end, start, edge);
                start = CLOSED;
            }
        }
        return start;
    }

    private static <X extends Exception> void handOver(
            IovaBitmapLayout layout,
            MemorySegment data,
            boolean draining,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long first,
            long stop)
            throws X {
        int shift = layout.pageShift();
        long iova = layout.iova() + (first << shift);
        // only the last page may be cut, and so shorter than the others
        long length = stop == end ? layout.lengthOf(first, stop - 1) : (stop - first) << shift;
        if (!draining) {
            visitor.onRange(iova, length);
            return;
        }
        take(data, first, stop - 1);
        boolean taken = false;
        try {
            visitor.onRange(iova, length);
            taken = true;
        } finally {
            if (!taken) {
                putBack(data, first, stop - 1);
            }
        }
    }

    private static long word(long @Nullable [] array, int base, MemorySegment data, long index) {
        return array != null ? array[base + (int) index] : SegmentWords.get(data, index);
    }

    private static long skip(long @Nullable [] array, int base, MemorySegment data, long from, long words, long value) {
        if (from >= words) {
            return words;
        }
        return array != null
                ? HeapWords.skip(array, base, from, words, value)
                : SegmentWords.skip(data, from, words, value);
    }

    /** Which words of a block are not of a value, all zeros or all ones; any word may be where the words end inside it. */
    private static long other(
            long @Nullable [] array, int base, MemorySegment data, long block, long words, long value) {
        if (words - block < HeapWords.BLOCK) {
            return -1L >>> -(words - block);
        }
        return array != null
                ? HeapWords.other(array, base + (int) block, value)
                : SegmentWords.other(data, block, value);
    }

    /** Passes over words of all ones; may stop early. */
    private static long passFull(long @Nullable [] array, int base, MemorySegment data, long index, long words) {
        long at = index;
        long near = Math.min(words, index + NEAR);
        while (at < near && word(array, base, data, at) == -1L) {
            at++;
        }
        if (at < near || at == words) {
            return at;
        }
        long block = skip(array, base, data, at, words, -1L);
        return block == words ? words : block + Long.numberOfTrailingZeros(other(array, base, data, block, words, -1L));
    }

    private static void take(MemorySegment data, long firstBit, long lastBit) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.clearAtomically(array, HeapWords.baseOf(data), firstBit, lastBit);
        } else if (SegmentWords.isAligned(data)) {
            SegmentWords.clearAtomically(data, firstBit, lastBit);
        } else {
            SegmentWords.clear(data, firstBit, lastBit);
        }
    }

    private static void putBack(MemorySegment data, long firstBit, long lastBit) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        if (array != null) {
            HeapWords.setAtomically(array, HeapWords.baseOf(data), firstBit, lastBit);
        } else if (SegmentWords.isAligned(data)) {
            SegmentWords.setAtomically(data, firstBit, lastBit);
        } else {
            SegmentWords.set(data, firstBit, lastBit);
        }
    }
}
