package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Feature;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Bitmaps somewhere in what a session tracks: at its ends, inside of the device's pages, with many windows. */
public final class Places {
    /** The bits of a window, but for the first of data that starts inside of a page. */
    public static final long WINDOW_BITS = 1L << 24;

    private static final long MOST_BITS = 2000;

    private Places() {}

    /** {@return a small bitmap with any base, end, page size and data offset} */
    public static Geometry some(Random random, IovaRange within) {
        long pageSize = 1L << random.nextInt(31);
        long longest = U64.min(within.length(), pageSize * MOST_BITS);
        long length = random.nextInt(4) == 0 ? longest : 1 + U64.below(random, longest - 1);
        long room = within.length() - length;
        long at = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> room;
            default -> U64.below(random, room);
        };
        return new Geometry(within.iova() + at, length, pageSize, offset(random));
    }

    /** {@return a small bitmap whose first page starts one of the device, and whose end is the end of one} */
    public static Geometry aligned(Random random, IovaRange within, long granule) {
        long first = within.iova() + granule - 1 & -granule;
        long pages = U64.divide(within.length() - (first - within.iova()), granule);
        if (pages == 0) {
            throw new NotOffered("no trackable range holds a page of the size that the device granted");
        }
        long count = 1 + U64.below(random, U64.min(pages, 64) - 1);
        long at = U64.below(random, pages - count);
        long finest = Math.max(0, Long.numberOfTrailingZeros(granule) - 6);
        long shift = finest + random.nextInt(9);
        return new Geometry(first + at * granule, count * granule, 1L << shift, offset(random));
    }

    /**
     * Returns a bitmap of a range that has several windows: of the smallest pages for it, so that windows end inside of the
     * device's.
     */
    public static Geometry manyWindows(IovaRange within, int offset) {
        long pageSize = 1;
        while (U64.compare(U64.divide(within.length(), pageSize), 4 * WINDOW_BITS) > 0 && pageSize > 0) {
            pageSize <<= 1;
        }
        Geometry geometry = new Geometry(within.iova(), within.length(), pageSize, offset);
        if (geometry.windows().size() < 2) {
            throw new NotOffered("no trackable range is longer than 16 MiB, so a bitmap has only one window");
        }
        return geometry;
    }

    /** {@return a bitmap of a whole range, of pages of 4 KiB or of the smallest for which its data is small} */
    public static Geometry wholly(IovaRange range) {
        long pageSize = 4096;
        while (U64.compare(U64.divide(range.length(), pageSize), 1 << 16) > 0) {
            pageSize <<= 1;
        }
        return Geometry.of(range.iova(), range.length(), pageSize);
    }

    /** {@return the longest of some ranges} */
    public static IovaRange longest(List<IovaRange> ranges) {
        return ranges.stream()
                .max(Comparator.comparing(IovaRange::length, U64::compare))
                .orElseThrow();
    }

    /** {@return any of some ranges} */
    public static IovaRange any(Random random, List<IovaRange> ranges) {
        return ranges.get(random.nextInt(ranges.size()));
    }

    /** {@return a place for data in a page, which the provider takes} */
    public static int offset(Random random) {
        int[] some = {0, 8, 64, 2048, 4088, 8 * random.nextInt(512)};
        int[] odd = {1, 4081, 4095, random.nextInt(4096)};
        boolean unaligned = Subject.provider().features().contains(Feature.UNALIGNED_DATA);
        return unaligned && random.nextInt(3) == 0
                ? odd[random.nextInt(odd.length)]
                : some[random.nextInt(some.length)];
    }

    /** {@return whether an address is in one of some ranges, to the last byte of a length} */
    public static boolean contains(List<IovaRange> ranges, long iova, long length) {
        return ranges.stream()
                .anyMatch(range -> U64.compare(iova - range.iova(), range.length()) < 0
                        && U64.compare(length, range.length() - (iova - range.iova())) <= 0);
    }
}
