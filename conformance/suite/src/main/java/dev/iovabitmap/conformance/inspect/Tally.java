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
 * counted by their bits: a range ends at each clear bit above a dirty one, and a word that can hold no range longer than the
 * longest so far is done with that.
 */
final class Tally {
    /** Takes the ranges that are to be listed. */
    @FunctionalInterface
    interface Listing {
        void range(long iova, long length, long pages) throws IOException;
    }

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How many words are passed over together if all are clean. */
    private static final long BLOCK = 8;

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
        long last = layout.wordCount() - 1;
        // the first bit of the range that reaches the next word from below; that word's own first bit if there is none
        long open = 0;
        long index = 0;
        while (last - index >= BLOCK) {
            if (open == index << 6 && eight(words, index << 3) == 0) {
                open += BLOCK << 6;
                index += BLOCK;
            } else {
                for (long end = index + BLOCK; index < end; index++) {
                    open = word(index << 6, words.get(WORD, index << 3), open);
                }
            }
        }
        for (; index < last; index++) {
            open = word(index << 6, words.get(WORD, index << 3), open);
        }
        long inLast = words.get(WORD, last << 3) & -1L >>> -layout.bitCount(); // without stray bits
        open = word(last << 6, inLast, open);
        if (open < layout.bitCount()) {
            range(open, layout.bitCount());
        }
        lastPageIsDirty = (inLast >>> (layout.bitCount() - 1) & 1) != 0;
    }

    private static long eight(MemorySegment words, long at) {
        return words.get(WORD, at)
                | words.get(WORD, at + 8)
                | words.get(WORD, at + 16)
                | words.get(WORD, at + 24)
                | words.get(WORD, at + 32)
                | words.get(WORD, at + 40)
                | words.get(WORD, at + 48)
                | words.get(WORD, at + 56);
    }

    /**
     * Takes a word. There is no branch in it that depends on single bits, since in a dense bitmap nothing can foresee it.
     *
     * @param firstBit the word's first bit
     * @param open the first bit of the range that reaches the word from below, {@code firstBit} if there is none
     * @return the same for the word above
     */
    private long word(long firstBit, long word, long open) throws IOException {
        dirtyPages += Long.bitCount(word);
        for (Density density : densities) {
            density.add(firstBit >>> 6, word);
        }
        long below = word << 1 | (open - firstBit) >>> 63;
        boolean mayHoldLonger = firstBit + Long.numberOfTrailingZeros(~word) - open > longestPages
                || (longestPages < Long.SIZE && holdsRun(word, (int) longestPages + 1));
        if (mayHoldLonger || ranges < limit) {
            byRange(firstBit, word ^ below, open);
        } else {
            ranges += Long.bitCount(below & ~word);
        }
        return word == -1L ? open : firstBit + Long.SIZE - Long.numberOfLeadingZeros(~word);
    }

    /** Whether a word has so many dirty bits in a row, 1 to 64. */
    private static boolean holdsRun(long word, int bits) {
        long starts = word; // of runs of at least this many
        for (int length = 1; length < bits; ) {
            int step = Math.min(length, bits - length);
            starts &= starts >>> step;
            length += step;
        }
        return starts != 0;
    }

    /** Takes the ranges that end in a word, one by one. Its edges are the bits that differ from the one below. */
    private void byRange(long firstBit, long edgesOfWord, long open) throws IOException {
        long first = open;
        boolean inRange = open != firstBit;
        for (long edges = edgesOfWord; edges != 0; edges &= edges - 1) {
            long edge = firstBit + Long.numberOfTrailingZeros(edges);
            if (inRange) {
                range(first, edge);
            }
            first = edge;
            inRange = !inRange;
        }
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
