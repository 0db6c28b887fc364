package dev.iovabitmap;

import dev.iovabitmap.words.HeapWords;
import dev.iovabitmap.words.SegmentWords;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds the maximal runs of dirty pages. The simple way, a search for the next set bit and one for the next clear bit, pays
 * for each run with two searches whose ends no branch predictor foresees. Here each word is read once, and its edges are
 * worked off: the bits that differ from the bit below, {@code word ^ (word << 1 | carry)} with the top bit of the word
 * before as carry. They alternate between the start of a run and the first page behind one.
 *
 * <p>Stretches without an edge, clean ones and dirty ones, are passed over in blocks of eight words, and long ones in strips that
 * the JIT turns into vectors. Behind a dirty word, the next block is first asked for a mask of its words that are not zero, made
 * without a branch, which leads from one of these to the next: for a bitmap where every other word is zero at random, asking
 * word by word would be a misprediction for every other word, and to search for the next dirty word a call for each block.
 *
 * <p>Others may set bits meanwhile. A word that was zero when the mask was made may be passed over, but only outside a run.
 * Inside one every word is read, so nothing is ever reported that was not seen dirty.
 */
final class DirtyRuns {
    /** No bit: no run is open. */
    private static final long CLOSED = -1;

    /** How many dirty words are passed over one by one; most runs end in less, and then a block costs more than it saves. */
    private static final int NEAR = 64;

    /** What is done with a run. */
    private enum Use {
        VISIT,
        DRAIN,
        MERGE
    }

    /** For {@link Use#MERGE}, which has no visitor: one that carries the target would be allocated for each call. */
    private static final DirtyPages.RangeVisitor<RuntimeException> NOBODY = (iova, length) -> {};

    private DirtyRuns() {}

    /**
     * Visits the runs of a part, cut to it.
     *
     * @param from the first address of the part
     * @param to its last address
     */
    static <X extends Exception> void visit(
            IovaBitmapLayout layout,
            MemorySegment data,
            long from,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor)
            throws X {
        long begin = passCut(Use.VISIT, layout, data, from, to, visitor);
        pass(Use.VISIT, layout, HeapWords.arrayOf(data), data, begin, to, visitor, layout, data);
    }

    /** Visits the runs of a part, and clears of each, before the visitor sees it, the pages that are wholly inside. */
    static <X extends Exception> void drain(
            IovaBitmapLayout layout,
            MemorySegment data,
            long from,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor)
            throws X {
        long begin = passCut(Use.DRAIN, layout, data, from, to, visitor);
        pass(Use.DRAIN, layout, HeapWords.arrayOf(data), data, begin, to, visitor, layout, data);
    }

    /** Marks the runs in another bitmap, as far as they lie in its range. */
    static void merge(IovaBitmapLayout from, MemorySegment data, IovaBitmapLayout into, MemorySegment intoData) {
        pass(Use.MERGE, from, HeapWords.arrayOf(data), data, 0, from.lastIova(), NOBODY, into, intoData);
    }

    /**
     * Finds the first page that is dirty, or clean, from an address on.
     *
     * @param passed the value of the words to pass over: all zeros to find a dirty page, all ones to find a clean one
     * @return the given address if its page is one, else the address of the first such page; the address after the range if no page is
     */
    static long next(IovaBitmapLayout layout, MemorySegment data, long iova, long passed) {
        long @Nullable [] array = HeapWords.arrayOf(data);
        int base = array != null ? HeapWords.baseOf(data) : 0;
        long bit = layout.bitOf(iova);
        long next = nextBit(array, base, data, bit, layout.wordCount(), passed);
        if (next == bit) {
            return iova;
        }
        return Unsigned.less(next, layout.bitCount()) ? iova(layout, next) : layout.iova() + layout.length();
    }

    /** Finds the first bit, from one on, that differs from the value to pass over. Returns {@link #CLOSED}, above all bits, if none does. */
    private static long nextBit(
            long @Nullable [] array, int base, MemorySegment data, long bit, long words, long passed) {
        long index = bit >>> 6;
        long found = (word(array, base, data, index) ^ passed) & -1L << bit;
        while (found == 0) { // again if others changed a word between the search and the look at it
            index = find(array, base, data, index + 1, words, passed);
            if (index == words) {
                return CLOSED;
            }
            found = word(array, base, data, index) ^ passed;
        }
        return (index << 6) + Long.numberOfTrailingZeros(found);
    }

    /**
     * Hands over the run of the first page if the part begins inside that page. It is done apart, so that no other run need be
     * asked whether the part cuts it there: that cost 5 % where half of the pages are dirty. The first page stays as it is.
     *
     * @return the bit to go on from
     */
    private static <X extends Exception> long passCut(
            Use use,
            IovaBitmapLayout layout,
            MemorySegment data,
            long from,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor)
            throws X {
        long begin = (from - layout.iova()) >>> layout.pageShift();
        if (layout.firstWhole(from) == begin) {
            return begin;
        }
        if ((SegmentWords.get(data, begin >>> 6) >>> begin & 1) == 0) {
            return begin + 1;
        }
        long @Nullable [] array = HeapWords.arrayOf(data);
        int base = array != null ? HeapWords.baseOf(data) : 0;
        long end = ((to - layout.iova()) >>> layout.pageShift()) + 1;
        long stop = end;
        if (begin + 1 != end) { // the first bit is not looked at again: others may have cleared it
            stop = Unsigned.min(nextBit(array, base, data, begin + 1, ((end - 1) >>> 6) + 1, -1L), end);
        }
        long length = lengthFrom(from, layout, to, end, stop);
        if (use == Use.DRAIN) {
            drainRun(layout, data, to, visitor, end, begin + 1, stop, from, length);
        } else {
            visitor.onRange(from, length);
        }
        return stop;
    }

    // The array is asked for in the callers. Here, where the loops are, it is once in thousands of iterations: the JIT
    // compiles this method before it has seen that call often enough to inline it, never again, and the Optional in
    // which the segment hands out its array would be allocated for each call.
    private static <X extends Exception> void pass(
            Use use,
            IovaBitmapLayout layout,
            long @Nullable [] array,
            MemorySegment data,
            long begin,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            IovaBitmapLayout into,
            MemorySegment intoData)
            throws X {
        // into is a bitmap's for MERGE; for the others it is not looked at
        int base = array != null ? HeapWords.baseOf(data) : 0;
        long end = ((to - layout.iova()) >>> layout.pageShift()) + 1;
        long words = ((end - 1) >>> 6) + 1;
        long index = begin >>> 6;
        while (index < words) {
            long block = index;
            int pending = dirty(array, base, data, block, words);
            index = block + HeapWords.BLOCK;
            if (pending == 0) { // then no mask is needed either, but the one word that is found
                block = find(array, base, data, index, words, 0L);
                if (block == words) {
                    return;
                }
                pending = 1;
                index = block + 1;
            }
            while (pending != 0) {
                long at = block + Integer.numberOfTrailingZeros(pending);
                pending &= pending - 1;
                long dirty = word(array, base, data, at, end);
                if (at == begin >>> 6) { // only here: a run that is open began at this word or after it
                    dirty &= -1L << begin;
                }
                long edges = dirty ^ dirty << 1;
                long first = use == Use.VISIT
                        ? visitInlined(layout, to, visitor, end, at, edges, CLOSED)
                        : change(use, layout, data, to, visitor, into, intoData, end, at, edges, CLOSED);
                if (first != CLOSED) {
                    do {
                        at = passFull(array, base, data, at + 1, words);
                        if (at == words) {
                            last(use, layout, data, to, visitor, end, first, into, intoData);
                            return;
                        }
                        dirty = word(array, base, data, at, end);
                        edges = dirty ^ (dirty << 1 | 1);
                        first = use == Use.VISIT
                                ? visitInlined(layout, to, visitor, end, at, edges, first)
                                : change(use, layout, data, to, visitor, into, intoData, end, at, edges, first);
                    } while (first != CLOSED);
                    if (at >= index) {
                        block = find(array, base, data, at + 1, words, 0L);
                        if (block == words) {
                            return;
                        }
                        pending = 1;
                        index = block + 1;
                    } else {
                        pending &= -2 << (at - block);
                    }
                }
            }
        }
    }

    /**
     * Works off the edges of a word, to clear its runs or to mark them elsewhere. A visit does not come this way: with all
     * three in one method the JIT now and then found it too big to inline, and 2,000 runs took a fifth longer.
     *
     * @param first the first bit of the run that reaches the word from below, or {@link #CLOSED}
     * @return the first bit of the run that reaches the word above, or {@link #CLOSED}
     */
    private static <X extends Exception> long change(
            Use use,
            IovaBitmapLayout layout,
            MemorySegment data,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            IovaBitmapLayout into,
            MemorySegment intoData,
            long end,
            long index,
            long edges,
            long first)
            throws X {
        return use == Use.DRAIN
                ? drainWord(layout, data, to, visitor, end, index, edges, first)
                : mergeWord(layout, to, end, index, edges, first, into, intoData);
    }

    // Nothing but a call. The JIT inlines a method of some size where it is called often, for each call of its
    // caller: in pass(), of a program that mostly drains and merges, that is seldom, but here it is always. And what
    // is as small as this it inlines anyway. In such a program a visit of 1 % of the pages took 1.5 to 1.8 ms, and
    // takes 1.35 to 1.5.
    private static <X extends Exception> long visitInlined(
            IovaBitmapLayout layout,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long index,
            long edges,
            long first)
            throws X {
        return visitWord(layout, to, visitor, end, index, edges, first);
    }

    /** A word without the bits at and above {@code end}. */
    private static long word(long @Nullable [] array, int base, MemorySegment data, long index, long end) {
        long word = word(array, base, data, index);
        return index == (end - 1) >>> 6 ? word & -1L >>> -end : word;
    }

    // Working off a word is three methods that differ in one line, so that the JIT learns and inlines in each what is
    // called there, and nothing else. In one method, with the use asked for in its loop, a visit of half of the pages
    // took half as long again once the program had drained and merged: clearing and marking grew the method beyond what
    // the JIT inlines, and each range became a call.

    private static <X extends Exception> long visitWord(
            IovaBitmapLayout layout,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long index,
            long edgesOfWord,
            long first)
            throws X {
        long start = first;
        for (long edges = edgesOfWord; edges != 0; edges &= edges - 1) {
            long edge = (index << 6) + Long.numberOfTrailingZeros(edges);
            if (start == CLOSED) {
                start = edge;
            } else {
                long iova = iova(layout, start);
                visitor.onRange(iova, lengthFrom(iova, layout, to, end, edge));
                start = CLOSED;
            }
        }
        return start;
    }

    private static <X extends Exception> long drainWord(
            IovaBitmapLayout layout,
            MemorySegment data,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long index,
            long edgesOfWord,
            long first)
            throws X {
        long start = first;
        for (long edges = edgesOfWord; edges != 0; edges &= edges - 1) {
            long edge = (index << 6) + Long.numberOfTrailingZeros(edges);
            if (start == CLOSED) {
                start = edge;
            } else {
                long iova = iova(layout, start);
                drainRun(layout, data, to, visitor, end, start, edge, iova, lengthFrom(iova, layout, to, end, edge));
                start = CLOSED;
            }
        }
        return start;
    }

    private static long mergeWord(
            IovaBitmapLayout layout,
            long to,
            long end,
            long index,
            long edgesOfWord,
            long first,
            IovaBitmapLayout into,
            MemorySegment intoData) {
        long start = first;
        for (long edges = edgesOfWord; edges != 0; edges &= edges - 1) {
            long edge = (index << 6) + Long.numberOfTrailingZeros(edges);
            if (start == CLOSED) {
                start = edge;
            } else {
                mergeRun(layout, to, end, start, edge, into, intoData);
                start = CLOSED;
            }
        }
        return start;
    }

    /** Hands over the run that reaches the end of the words. */
    private static <X extends Exception> void last(
            Use use,
            IovaBitmapLayout layout,
            MemorySegment data,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long first,
            IovaBitmapLayout into,
            MemorySegment intoData)
            throws X {
        switch (use) {
            case VISIT -> {
                long iova = iova(layout, first);
                visitor.onRange(iova, to - iova + 1);
            }
            case DRAIN -> {
                long iova = iova(layout, first);
                drainRun(layout, data, to, visitor, end, first, end, iova, to - iova + 1);
            }
            case MERGE -> mergeRun(layout, to, end, first, end, into, intoData);
        }
    }

    /** Clears the pages from one bit up to another, and hands over a range; what the part cuts of it stays marked. */
    private static <X extends Exception> void drainRun(
            IovaBitmapLayout layout,
            MemorySegment data,
            long to,
            DirtyPages.RangeVisitor<? extends X> visitor,
            long end,
            long first,
            long stop,
            long iova,
            long length)
            throws X {
        long wholeStop = stop == end ? layout.stopWhole(to) : stop;
        boolean clears = Unsigned.less(first, wholeStop);
        if (clears) {
            Words.clearAtomically(data, first, wholeStop - 1);
        }
        boolean taken = false;
        try {
            visitor.onRange(iova, length);
            taken = true;
        } finally {
            if (!taken && clears) {
                Words.setAtomically(data, first, wholeStop - 1);
            }
        }
    }

    private static void mergeRun(
            IovaBitmapLayout layout,
            long to,
            long end,
            long first,
            long stop,
            IovaBitmapLayout into,
            MemorySegment intoData) {
        long iova = iova(layout, first);
        long from = Unsigned.max(iova, into.iova());
        long last = Unsigned.min(iova + lengthFrom(iova, layout, to, end, stop) - 1, into.lastIova());
        if (!Unsigned.less(last, from)) {
            Words.set(intoData, into.bitOf(from), into.bitOf(last));
        }
    }

    private static long iova(IovaBitmapLayout layout, long bit) {
        return layout.iova() + (bit << layout.pageShift());
    }

    /** The length of a run from an address on; only the last page may be cut, and so shorter than the others. */
    private static long lengthFrom(long iova, IovaBitmapLayout layout, long to, long end, long stop) {
        return stop == end ? to - iova + 1 : iova(layout, stop) - iova;
    }

    private static long word(long @Nullable [] array, int base, MemorySegment data, long index) {
        return array != null ? array[base + (int) index] : SegmentWords.get(data, index);
    }

    /** Which words of a block are dirty, or may be: all where the words end inside it. */
    private static int dirty(long @Nullable [] array, int base, MemorySegment data, long block, long words) {
        if (words - block < HeapWords.BLOCK) {
            return -1 >>> -(int) (words - block);
        }
        return array != null ? HeapWords.dirty(array, base + (int) block) : SegmentWords.dirty(data, block);
    }

    /** The first word that does not have a value, all zeros or all ones. */
    private static long find(long @Nullable [] array, int base, MemorySegment data, long from, long words, long value) {
        if (from >= words) {
            return words;
        }
        return array != null
                ? HeapWords.find(array, base, from, words, value)
                : SegmentWords.find(data, from, words, value);
    }

    /** The first word that is not all ones, from {@code index} on. */
    private static long passFull(long @Nullable [] array, int base, MemorySegment data, long index, long words) {
        long near = Math.min(words, index + NEAR);
        long at = array != null
                ? HeapWords.passFull(array, base + (int) index, base + (int) near) - (long) base
                : SegmentWords.passFull(data, index, near);
        if (at < near || at == words) {
            return at;
        }
        return find(array, base, data, at, words, -1L);
    }
}
