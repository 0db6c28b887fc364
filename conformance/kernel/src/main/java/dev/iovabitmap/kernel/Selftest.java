package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.mock.MockPageTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The patterns of the kernel's own selftest of dirty tracking, all that it has: nine sizes, two of them also by huge entries,
 * the bitmap at three places of its page, read with clearing and without.
 */
final class Selftest implements AutoCloseable {
    private static final long PAGE = MockPageTable.PAGE_SIZE;
    private static final long LARGEST = 128 << 20;
    private static final List<Long> SIZES =
            List.of(8L << 10, 16L << 10, 64L << 10, 128L << 10, 320L << 10, LARGEST / 2, LARGEST);
    private static final List<Long> HUGE_SIZES = List.of(LARGEST / 2, LARGEST);
    private static final int[] OFFSETS = {0, 2048, 0xff1};

    private final PageTableDevice small = PageTableDevice.open(LARGEST);
    private final PageTableDevice huge;

    Selftest() {
        try {
            huge = PageTableDevice.openHuge(LARGEST);
        } catch (Throwable e) {
            small.close();
            throw e;
        }
    }

    /**
     * One pattern: the first page of every second entry is marked.
     *
     * @param length of the range, in bytes
     * @param entry what an entry of the page table maps, in bytes
     * @param offset where the bitmap starts in its page
     * @param clear whether reading clears
     */
    record Pattern(long length, long entry, int offset, boolean clear) {
        Case asked() {
            IovaBitmapLayout layout = new IovaBitmapLayout(MockPageTable.FIRST, length, PAGE);
            List<IovaRange> dirty = new ArrayList<>();
            for (long at = 0; at < length; at += 2 * entry) {
                dirty.add(new IovaRange(layout.iova() + at, entry));
            }
            return new Case(layout, offset, dirty);
        }

        @Override
        public String toString() {
            return "selftest " + (length >> 10) + " KiB by " + entry + " bytes at " + offset
                    + (clear ? ", clearing" : ", not clearing");
        }
    }

    /**
     * What a pattern gave.
     *
     * @param marked how many pages were marked
     * @param first the bitmap of the first read
     * @param second that of the second
     * @param difference what is not as it has to be, or null
     */
    record Read(
            long marked,
            MemorySegment first,
            MemorySegment second,
            @Nullable String difference) {}

    void run(Results results) {
        int tried = 0;
        int huge = 0;
        for (Pattern each : all()) {
            String difference = read(each).difference();
            if (difference != null) {
                results.fail(difference);
                return;
            }
            tried++;
            huge += each.entry() == PAGE ? 0 : 1;
        }
        results.count("iommufd-selftest-patterns", tried);
        results.count("iommufd-selftest-patterns-huge", huge);
    }

    private static List<Pattern> all() {
        List<Pattern> patterns = new ArrayList<>();
        for (int offset : OFFSETS) {
            for (boolean clear : new boolean[] {true, false}) {
                SIZES.forEach(size -> patterns.add(new Pattern(size, PAGE, offset, clear)));
                HUGE_SIZES.forEach(
                        size -> patterns.add(new Pattern(size, MockPageTable.HUGE_PAGE_SIZE, offset, clear)));
            }
        }
        return patterns;
    }

    /** Marks and reads twice: exactly the marked entries, and then nothing, or the same if reading does not clear. */
    Read read(Pattern pattern) {
        Case asked = pattern.asked();
        PageTableDevice device = pattern.entry() == PAGE ? small : huge;
        device.track(true); // forgets what an earlier pattern left
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(asked.layout().byteSize(), Long.BYTES);
            for (IovaRange entry : asked.dirty()) {
                long bit = asked.layout().bitOf(entry.iova());
                pages.set(ValueLayout.JAVA_BYTE, bit / 8, (byte)
                        (pages.get(ValueLayout.JAVA_BYTE, bit / 8) | 1 << bit % 8));
            }
            long marked = device.mark(asked.layout().iova(), pattern.length(), pages);
            MemorySegment expected = asked.expected(arena);
            String difference = marked == asked.dirty().size() ? null : marked + " pages are marked: " + pattern;
            List<MemorySegment> reads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                MemorySegment actual = Case.memory(arena, asked.layout(), asked.offset());
                MemorySegment bitmap = asked.bitmap(actual);
                int result = device.get(asked.layout().iova(), pattern.length(), PAGE, pattern.clear(), bitmap, actual);
                if (difference == null) {
                    difference = result != 0 ? "returned " + result : asked.firstDifference(actual, expected);
                    difference = difference == null ? null : "read " + i + " of " + pattern + ": " + difference;
                }
                reads.add(MemorySegment.ofArray(bitmap.toArray(ValueLayout.JAVA_BYTE)));
                if (pattern.clear()) {
                    expected.fill((byte) 0);
                }
            }
            return new Read(marked, reads.get(0), reads.get(1), difference);
        } finally {
            device.track(false);
        }
    }

    @Override
    public void close() {
        try (small) {
            huge.close();
        }
    }
}
