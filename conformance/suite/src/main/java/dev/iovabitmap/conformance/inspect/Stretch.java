package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What is counted of a stretch of a bitmap's words, without a look at what is beside it. Stretches are joined in their order: a
 * range that reaches over where two meet is then taken as one.
 *
 * <p>A range has to be looked at by itself only while ranges are listed, or if it may be the longest. Half of the pages at
 * random are a range for every four pages, billions in a file of 2 GiB, and visiting each takes a minute. So the words are
 * counted by their bits, a block at a time, and a block is looked at range by range only if it has as many bits in a row as
 * would make a longer range than the longest so far, or 64, where words are full and ranges few.
 */
final class Stretch {
    /** Takes the ranges that are to be listed. */
    @FunctionalInterface
    interface Listing {
        void range(long firstBit, long stopBit);
    }

    /** How many words are counted together. */
    static final int BLOCK = 512;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final IovaBitmapLayout layout;
    private final List<Density> densities;
    private final long limit;
    private final Listing listing;
    private final long[] block = new long[BLOCK];
    private final long[] before = new long[BLOCK]; // at each place, the word before the one in the block
    private final long firstBit;
    private long endBit;

    /** Behind the range that begins with the stretch; its first bit if there is none. */
    private long lowEnd;

    /** The first bit of the range that reaches the end; the end if there is none. */
    private long open;

    private long ranges;
    private long dirtyPages;
    private long longestFirst;
    private long longestPages;

    /**
     * An empty stretch.
     *
     * @param firstWord where it begins
     * @param limit how many ranges are listed
     */
    Stretch(IovaBitmapLayout layout, List<Density> densities, long firstWord, long limit, Listing listing) {
        this.layout = layout;
        this.densities = densities;
        this.limit = limit;
        this.listing = listing;
        this.firstBit = firstWord << 6;
        this.endBit = firstBit;
        this.lowEnd = firstBit;
        this.open = firstBit;
    }

    /** Adds the words behind the last ones, up to {@code stopWord}: whole blocks, but at the bitmap's end. */
    void read(MemorySegment words, long stopWord) {
        for (long index = endBit >>> 6; index < stopWord; index += BLOCK) {
            int count = (int) Math.min(BLOCK, stopWord - index);
            before[0] = block[BLOCK - 1];
            MemorySegment.copy(words, WORD, index << 3, block, 0, count);
            System.arraycopy(block, 0, before, 1, count - 1);
            if (index + count == layout.wordCount()) {
                block[count - 1] &= -1L >>> -layout.bitCount(); // without stray bits
            }
            add(index, count);
        }
    }

    private void add(long index, int count) {
        long start = endBit;
        if (lowEnd == start) { // so far all is dirty
            lowEnd += BlockBits.dirtyFromTheFirst(block, count);
        }
        endBit = (index + count) << 6;
        long dirty = BlockBits.dirty(block, count);
        if (dirty == 0 && open == start) {
            open = endBit;
            return;
        }
        dirtyPages += dirty;
        for (Density density : densities) {
            density.add(index, block, count, dirty);
        }
        int longer = (int) Math.min(longestPages, Long.SIZE - 1) + 1;
        if (ranges < limit || BlockBits.holdsRun(block, before, count, longer)) {
            byRange(start, count);
        } else {
            ranges += BlockBits.ends(block, before, count);
            open = endBit - Long.numberOfLeadingZeros(~block[count - 1]); // no word is dirty throughout
        }
    }

    /** Takes the ranges that end in a block, one by one. A word's edges are the bits that differ from the one below. */
    private void byRange(long start, int count) {
        long first = open;
        boolean inRange = open != start;
        for (int i = 0; i < count; i++) {
            for (long edges = block[i] ^ (block[i] << 1 | before[i] >>> 63); edges != 0; edges &= edges - 1) {
                long edge = start + ((long) i << 6) + Long.numberOfTrailingZeros(edges);
                if (inRange) {
                    range(first, edge);
                }
                first = edge;
                inRange = !inRange;
            }
        }
        open = inRange ? first : endBit;
    }

    private void range(long first, long stop) {
        longest(first, stop - first);
        if (ranges < limit) {
            listing.range(first, stop);
        }
        ranges++;
    }

    private void longest(long first, long pages) {
        if (pages > longestPages) {
            longestFirst = first;
            longestPages = pages;
        }
    }

    /** Adds the stretch that begins where this one ends. It lists nothing, so this one must have listed what it is to. */
    void join(Stretch next) {
        dirtyPages += next.dirtyPages;
        endBit = next.endBit;
        if (open < next.firstBit) {
            if (next.lowEnd == next.endBit) {
                return; // dirty throughout: the range goes on
            }
            if (next.lowEnd == next.firstBit) {
                range(open, next.firstBit);
            } else {
                longest(open, next.lowEnd - open); // next has counted it, for its own part
            }
        }
        longest(next.longestFirst, next.longestPages);
        ranges += next.ranges;
        open = next.open;
    }

    /** Ends the range that reaches the bitmap's end. */
    void end() {
        if (open < layout.bitCount()) {
            range(open, layout.bitCount());
        }
    }

    long ranges() {
        return ranges;
    }

    long dirtyPages() {
        return dirtyPages;
    }

    /** The first bit of the longest range, the first if several are as long. */
    long longestFirst() {
        return longestFirst;
    }

    long longestPages() {
        return longestPages;
    }
}
