package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the kernel, by the smallest input that shows it, for each thing that it is known or was known to do otherwise. */
final class Probes {
    private static final long PAGE = 4096;
    private static final long BASE = 1 << 20;
    private static final long WINDOW = PAGE << 24;

    private final LoggingDevice device;
    private final @Nullable PageTableDevice pageTable;

    /**
     * What a probe showed.
     *
     * @param id the probe
     * @param deviates whether the kernel broke the rule
     * @param input the input
     * @param observed what it did
     */
    record Shown(String id, boolean deviates, String input, String observed) {}

    Probes(LoggingDevice device, @Nullable PageTableDevice pageTable) {
        this.device = device;
        this.pageTable = pageTable;
    }

    List<Shown> all() {
        List<Shown> shown = new ArrayList<>();
        shown.add(bits("set-before-range", new IovaRange(BASE - PAGE, 2 * PAGE), 1, 0b1));
        shown.add(bits("set-past-end", new IovaRange(BASE, 2 * PAGE), 1, 0b1));
        shown.add(logging(BASE, PAGE, this::pinFailure));
        shown.add(logging(BASE, PAGE, () -> accepted("length-0-accepted", BASE, 0, PAGE)));
        shown.add(logging(-4 * PAGE, 2 * PAGE, () -> refused("top-refused", -2 * PAGE, 2 * PAGE, PAGE)));
        shown.add(logging(BASE, PAGE, () -> refused("small-pages-refused", BASE, PAGE, PAGE / 2)));
        shown.add(windowEdge());
        shown.add(oneWindow());
        PageTableDevice table = pageTable;
        if (table != null) {
            shown.add(oddPageSize(table));
            shown.add(untrackedRead(table));
        }
        return shown;
    }

    private Shown logging(long iova, long length, Supplier<Shown> probe) {
        device.start(new IovaRange(iova, length), PAGE);
        try {
            return probe.get();
        } finally {
            device.stop();
        }
    }

    private static String input(long iova, long length, long pageSize) {
        return "report iova=0x" + Long.toHexString(iova) + " length=0x" + Long.toHexString(length) + " page_size="
                + pageSize;
    }

    private Shown bits(String id, IovaRange dirty, int bits, int expected) {
        return logging(BASE - PAGE, 4 * PAGE, () -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(PAGE, PAGE);
                device.write(List.of(dirty));
                int result = device.report(BASE, bits * PAGE, PAGE, memory.address(), memory);
                long word = memory.get(ValueLayout.JAVA_LONG, 0);
                return new Shown(
                        id,
                        result == 0 && word != expected,
                        input(BASE, bits * PAGE, PAGE) + ", written " + dirty,
                        "returned " + result + ", bits 0x" + Long.toHexString(word) + ", by the rule 0x"
                                + Long.toHexString(expected));
            }
        });
    }

    private Shown pinFailure() {
        device.write(List.of(new IovaRange(BASE, 1)));
        int result = device.report(BASE, PAGE, PAGE, 0x10, MemorySegment.NULL);
        return new Shown(
                "pin-failure-silent",
                result == 0,
                input(BASE, PAGE, PAGE) + ", bitmap at 0x10, the page written",
                result == 0 ? "returned 0" : "returned " + result + (result == -Errno.EFAULT ? " (EFAULT)" : ""));
    }

    private Shown accepted(String id, long iova, long length, long pageSize) {
        int result = simple(iova, length, pageSize);
        return new Shown(id, result == 0, input(iova, length, pageSize), "returned " + result);
    }

    private Shown refused(String id, long iova, long length, long pageSize) {
        int result = simple(iova, length, pageSize);
        return new Shown(id, result != 0, input(iova, length, pageSize), "returned " + result);
    }

    private int simple(long iova, long length, long pageSize) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(PAGE, PAGE);
            return device.report(iova, length, pageSize, memory.address(), memory);
        }
    }

    /** One range over the end of the first window: both pages are in the bitmap if nothing is lost. */
    private Shown windowEdge() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, WINDOW + PAGE, PAGE);
        return logging(layout.iova(), layout.length(), () -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(layout.byteSize() + PAGE, PAGE);
                device.write(List.of(new IovaRange(WINDOW - PAGE, 2 * PAGE)));
                int result = device.report(0, layout.length(), PAGE, memory.address(), memory);
                long at = (1 << 24) / 8;
                int last = memory.get(ValueLayout.JAVA_BYTE, at - 1) & 0xff;
                int next = memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
                return new Shown(
                        "window-edge-lost",
                        result == 0 && (last != 0x80 || next != 1),
                        input(0, layout.length(), PAGE) + ", written the last page of the first window and the next",
                        String.format("returned %d, bytes 0x%02x 0x%02x, by the rule 0x80 0x01", result, last, next));
            }
        });
    }

    private Shown oneWindow() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, WINDOW + PAGE, PAGE);
        return logging(layout.iova(), layout.length(), () -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(layout.byteSize() + PAGE, PAGE);
                device.mock().takeWindows();
                device.report(0, layout.length(), PAGE, memory.address(), memory);
                List<IovaRange> windows = device.mock().takeWindows();
                return new Shown(
                        "one-window",
                        !windows.equals(LoggingDifferential.windowsOf(layout, 0)),
                        input(0, layout.length(), PAGE),
                        "windows " + windows);
            }
        });
    }

    private static Shown oddPageSize(PageTableDevice table) {
        return pageTableCall(table, "odd-page-size", true, 0x3000, 3 * PAGE * 4);
    }

    private static Shown untrackedRead(PageTableDevice table) {
        return pageTableCall(table, "untracked-read", false, PAGE, PAGE);
    }

    private static Shown pageTableCall(PageTableDevice table, String id, boolean tracking, long pageSize, long length) {
        table.track(tracking);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(PAGE, PAGE);
            long iova = table.mapped().iova();
            int result = table.get(iova, length, pageSize, true, memory, memory);
            return new Shown(
                    id,
                    result == 0,
                    "IOMMU_HWPT_GET_DIRTY_BITMAP iova=0x" + Long.toHexString(iova) + " length=0x"
                            + Long.toHexString(length) + " page_size=0x" + Long.toHexString(pageSize)
                            + (tracking ? "" : ", nothing tracked"),
                    "returned " + result);
        } finally {
            table.track(false);
        }
    }
}
