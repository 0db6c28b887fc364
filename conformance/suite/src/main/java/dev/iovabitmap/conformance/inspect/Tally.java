package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is said about the dirty pages of a bitmap, gathered in one pass over its words. Page counts fit a
 * {@code long}: no memory holds 2^63 bits.
 *
 * <p>Ranges are listed in their order. Once all that are to be are, the rest is cut into stretches that the processors share.
 */
final class Tally {
    /** Takes the ranges that are to be listed. */
    @FunctionalInterface
    interface Listing {
        void range(long iova, long length, long pages) throws IOException;
    }

    /**
     * How the work is shared.
     *
     * @param alone how many words one thread reads first. The code that reads is slow until it is compiled, and threads that
     *     read on all processors keep the JIT from that.
     * @param stretch how many words a stretch has at least, a power of two, and at least a block
     */
    record Sharing(long alone, long stretch) {}

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Into how many stretches a bitmap is cut, so that all processors end at about the same time. */
    private static final int STRETCHES = 64;

    private static final int ALONE = 1 << 22;

    /** A stretch has at least so many words, or it is not worth a thread. */
    private static final int SMALLEST = 1 << 17;

    private final IovaBitmapLayout layout;
    private final long limit;
    private final Stretch all;
    private final boolean lastPageIsDirty;

    private Tally(IovaBitmapLayout layout, long limit, Stretch all, boolean lastPageIsDirty) {
        this.layout = layout;
        this.limit = limit;
        this.all = all;
        this.lastPageIsDirty = lastPageIsDirty;
    }

    /**
     * Reads a bitmap once. At most {@code limit} ranges go to the listing; the densities are filled.
     *
     * @param words which any thread may read
     */
    static Tally of(IovaBitmapLayout layout, MemorySegment words, long limit, Listing listing, List<Density> densities)
            throws IOException {
        long smallest = Math.max(SMALLEST, Long.highestOneBit(layout.wordCount()) / STRETCHES);
        return of(layout, words, limit, listing, densities, new Sharing(ALONE, smallest));
    }

    static Tally of(
            IovaBitmapLayout layout,
            MemorySegment words,
            long limit,
            Listing listing,
            List<Density> densities,
            Sharing sharing)
            throws IOException {
        Stretch all = new Stretch(layout, densities, 0, limit, (first, stop) -> {
            try {
                listing.range(layout.iovaOf(first), layout.lengthOf(first, stop - 1), stop - first);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            read(layout, words, limit, all, densities, sharing);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        long last = layout.bitCount() - 1;
        long lastWord = words.get(WORD, last >>> 6 << 3);
        return new Tally(layout, limit, all, (lastWord >>> last & 1) != 0);
    }

    private static void read(
            IovaBitmapLayout layout,
            MemorySegment words,
            long limit,
            Stretch all,
            List<Density> densities,
            Sharing sharing) {
        long end = layout.wordCount();
        long done = 0;
        while (done < end && (all.ranges() < limit || done < sharing.alone())) {
            done = Math.min(end, done + Stretch.BLOCK);
            all.read(words, done);
        }
        if (done < end) {
            long from = done;
            // whole cells, so that no two threads add to the same one
            long most = densities.stream().mapToLong(Density::wordsPerCell).reduce(sharing.stretch(), Math::max);
            LongStream.rangeClosed(from / most, (end - 1) / most)
                    .parallel()
                    .mapToObj(k -> {
                        Stretch stretch = new Stretch(layout, densities, Math.max(from, k * most), 0, (a, b) -> {});
                        stretch.read(words, Math.min(end, (k + 1) * most));
                        return stretch;
                    })
                    .toList()
                    .forEach(all::join);
        }
        all.end();
    }

    long ranges() {
        return all.ranges();
    }

    /** How many ranges were not listed. */
    long unlisted() {
        return Math.max(0, all.ranges() - limit);
    }

    long dirtyPages() {
        return all.dirtyPages();
    }

    /** Unsigned. The last page may be cut by the range's end. */
    long dirtyBytes() {
        long last = layout.bitCount() - 1;
        long cut = lastPageIsDirty ? layout.pageSize() - layout.lengthOf(last, last) : 0;
        return (all.dirtyPages() << layout.pageShift()) - cut;
    }

    /** The range of the most pages, the first if several have as many; null if nothing is dirty. */
    @Nullable
    IovaRange longest() {
        long first = all.longestFirst();
        return all.ranges() == 0
                ? null
                : new IovaRange(layout.iovaOf(first), layout.lengthOf(first, first + all.longestPages() - 1));
    }

    long longestPages() {
        return all.longestPages();
    }
}
