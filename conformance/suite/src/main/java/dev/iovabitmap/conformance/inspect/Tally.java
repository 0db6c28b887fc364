package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is said about the dirty pages of a bitmap, gathered range by range, so that its words are read once. Page
 * counts fit a {@code long}: no memory holds 2^63 bits.
 */
final class Tally implements DirtyPages.RangeVisitor<IOException> {
    /** Takes the ranges that are to be listed. */
    @FunctionalInterface
    interface Listing {
        void range(long iova, long length, long pages) throws IOException;
    }

    private final IovaBitmapLayout layout;
    private final long limit;
    private final Listing listing;
    private final List<Density> densities;
    private long ranges;
    private long dirtyPages;
    private long dirtyBytes;
    private long longestIova;
    private long longestLength;
    private long longestPages;

    private Tally(IovaBitmapLayout layout, long limit, Listing listing, List<Density> densities) {
        this.layout = layout;
        this.limit = limit;
        this.listing = listing;
        this.densities = densities;
    }

    /** Reads a bitmap once. At most {@code limit} ranges go to the listing; the densities are filled. */
    static Tally of(IovaBitmapLayout layout, MemorySegment words, long limit, Listing listing, List<Density> densities)
            throws IOException {
        Tally tally = new Tally(layout, limit, listing, densities);
        DirtyPages.forEachRange(layout, words, tally);
        return tally;
    }

    @Override
    public void onRange(long iova, long length) throws IOException {
        int shift = layout.pageShift();
        long pages = ((length - 1) >>> shift) + 1;
        ranges++;
        dirtyPages += pages;
        dirtyBytes += length;
        if (pages > longestPages) {
            longestIova = iova;
            longestLength = length;
            longestPages = pages;
        }
        for (Density density : densities) {
            density.add((iova - layout.iova()) >>> shift, pages);
        }
        if (ranges <= limit) {
            listing.range(iova, length, pages);
        }
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

    /** Unsigned. */
    long dirtyBytes() {
        return dirtyBytes;
    }

    /** The range of the most pages, the first if several have as many; null if nothing is dirty. */
    @Nullable
    IovaRange longest() {
        return ranges == 0 ? null : new IovaRange(longestIova, longestLength);
    }

    long longestPages() {
        return longestPages;
    }
}
