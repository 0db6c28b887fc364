package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is said about the dirty pages of a bitmap, gathered in one pass over its words. Page counts fit a
 * {@code long}: no memory holds 2^63 bits.
 *
 * <p>A range has to be looked at by itself only while ranges are listed, or if it may be the longest. Half of the pages at
 * random are a range for every four pages, billions in a file of 2 GiB, and visiting each takes a minute. So the words are
 * counted by their bits, a block at a time, and a block is looked at range by range only if it has as many bits in a row as
 * would make a longer range than the longest so far, or 64, where words are full and ranges few.
 */
final class Tally {
    /** Takes the ranges that are to be listed. */
    @FunctionalInterface
    interface Listing {
        void range(long iova, long length, long pages) throws IOException;
    }

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How many words are counted together. */
    private static final int BLOCK = 512;

    private final IovaBitmapLayout layout;
    private final long limit;
    private final Listing listing;
    private final Density[] densities;
    private long ranges;
    private long dirtyPages;
    private boolean lastPageIsDirty;
    private long longestFirst;
    private long longestPages;

    private Tally(IovaBitmapLayout layout, long limit, Listing listing, List<Density> densities) {
        this.layout = layout;
        this.limit = limit;
        this.listing = listing;
        this.densities = densities.toArray(Density[]::new);
    }

    /** Reads a bitmap once. At most {@code limit} ranges go to the listing; the densities are filled. */
    static Tally of(IovaBitmapLayout layout, MemorySegment words, long limit, Listing listing, List<Density> densities)
            throws IOException {
        Tally tally = new Tally(layout, limit, listing, densities);
        tally.read(words);
        return tally;
    }

    private void read(MemorySegment words) throws IOException {
        long[] block = new long[BLOCK];
        long[] before = new long[BLOCK]; // at each place, the word before the one in the block
        long open = 0;
        for (long index = 0; index < layout.wordCount(); index += BLOCK) {
            int count = (int) Math.min(BLOCK, layout.wordCount() - index);
            before[0] = block[BLOCK - 1];
            MemorySegment.copy(words, WORD, index << 3, block, 0, count);
            System.arraycopy(block, 0, before, 1, count - 1);
            if (index + count == layout.wordCount()) {
                block[count - 1] &= -1L >>> -layout.bitCount(); // without stray bits
                lastPageIsDirty = (block[count - 1] >>> (layout.bitCount() - 1) & 1) != 0;
            }
            open = block(index, block, before, count, open);
        }
        if (open < layout.bitCount()) {
            range(open, layout.bitCount());
        }
    }

    /**
     * Takes a block of words.
     *
     * @param open the first bit of the range that reaches the block from below; the block's own first bit if there is none
     * @return the same for the next block
     */
    private long block(long index, long[] block, long[] before, int count, long open) throws IOException {
        long firstBit = index << 6;
        long endBit = (index + count) << 6;
        long dirty = BlockBits.dirty(block, count);
        if (dirty == 0 && open == firstBit) {
            return endBit;
        }
        dirtyPages += dirty;
        for (Density density : densities) {
            density.add(index, block, count, dirty);
        }
        int longer = (int) Math.min(longestPages, Long.SIZE - 1) + 1;
        if (ranges < limit || BlockBits.holdsRun(block, before, count, longer)) {
            return byRange(firstBit, block, before, count, open);
        }
        ranges += BlockBits.ends(block, before, count);
        return endBit - Long.numberOfLeadingZeros(~block[count - 1]); // no word is dirty throughout
    }

    /** Takes the ranges that end in a block, one by one. A word's edges are the bits that differ from the one below. */
    private long byRange(long firstBit, long[] block, long[] before, int count, long open) throws IOException {
        long first = open;
        boolean inRange = open != firstBit;
        for (int i = 0; i < count; i++) {
            for (long edges = block[i] ^ (block[i] << 1 | before[i] >>> 63); edges != 0; edges &= edges - 1) {
                long edge = firstBit + ((long) i << 6) + Long.numberOfTrailingZeros(edges);
                if (inRange) {
                    range(first, edge);
                }
                first = edge;
                inRange = !inRange;
            }
        }
        return inRange ? first : firstBit + ((long) count << 6);
    }

    private void range(long first, long stop) throws IOException {
        long pages = stop - first;
        if (pages > longestPages) {
            longestFirst = first;
            longestPages = pages;
        }
        if (ranges < limit) {
            listing.range(layout.iovaOf(first), layout.lengthOf(first, stop - 1), pages);
        }
        ranges++;
    }

    long ranges() {
        return ranges;
    }

    /** How many ranges were not listed. */
    long unlisted() {
        return Math.max(0, ranges - limit);
    }

    long dirtyPages() {
        return dirtyPages;
    }

    /** Unsigned. The last page may be cut by the range's end. */
    long dirtyBytes() {
        long last = layout.bitCount() - 1;
        long cut = lastPageIsDirty ? layout.pageSize() - layout.lengthOf(last, last) : 0;
        return (dirtyPages << layout.pageShift()) - cut;
    }

    /** The range of the most pages, the first if several have as many; null if nothing is dirty. */
    @Nullable
    IovaRange longest() {
        return ranges == 0
                ? null
                : new IovaRange(
                        layout.iovaOf(longestFirst), layout.lengthOf(longestFirst, longestFirst + longestPages - 1));
    }

    long longestPages() {
        return longestPages;
    }
}
