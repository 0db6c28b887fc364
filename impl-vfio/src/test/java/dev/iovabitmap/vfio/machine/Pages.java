package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.IovaRange;
import java.util.BitSet;
import java.util.List;

/**
 * The addresses of a script as numbers of pages of 4 KiB: 8 MiB from 16 MiB on, and after them in number 64 pages at the top of
 * the space.
 */
final class Pages {
    static final long SIZE = 4096;
    static final long BASE = 1 << 24;
    static final int LOW = 2048;
    static final int COUNT = LOW + 64;

    /** Pages that are mapped at once. */
    record Place(int first, int count) {
        IovaRange range() {
            return new IovaRange(iova(first), count * SIZE);
        }

        boolean overlaps(Place other) {
            return first < other.first + other.count && other.first < first + count;
        }
    }

    /** Small ones, some that touch, huge pages, an entry of 16 KiB and one of 4 MiB, and the top of the space. */
    static final List<Place> PLACES = List.of(
            new Place(0, 16),
            new Place(16, 1),
            new Place(40, 16),
            new Place(112, 16),
            new Place(128, 64),
            new Place(192, 4),
            new Place(300, 77),
            new Place(0, 128),
            new Place(512, 512),
            new Place(1024, 1024),
            new Place(LOW, 64),
            new Place(LOW + 40, 24));

    private Pages() {}

    static long iova(int page) {
        return page < LOW ? BASE + page * SIZE : -(COUNT - page) * SIZE;
    }

    /** The pages that a range touches; what has no number is left out. */
    static BitSet of(long iova, long length) {
        BitSet pages = new BitSet(COUNT);
        add(pages, iova, iova + length - 1, BASE, 0, LOW);
        add(pages, iova, iova + length - 1, iova(LOW), LOW, COUNT);
        return pages;
    }

    private static void add(BitSet pages, long first, long last, long base, int from, int to) {
        long lastOfThese = base + (to - from) * SIZE - 1;
        if (Long.compareUnsigned(last, base) < 0 || Long.compareUnsigned(lastOfThese, first) < 0) {
            return;
        }
        long low = Long.compareUnsigned(first, base) < 0 ? base : first;
        long high = Long.compareUnsigned(lastOfThese, last) < 0 ? lastOfThese : last;
        pages.set(from + (int) ((low - base) / SIZE), from + (int) ((high - base) / SIZE) + 1);
    }
}
