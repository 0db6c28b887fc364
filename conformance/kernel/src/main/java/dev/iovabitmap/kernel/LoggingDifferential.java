package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Reports of device logging, cut and marked by the kernel's iova_bitmap, against our windows and our bits. */
final class LoggingDifferential {
    private static final long GIB = 1L << 30;

    /** Of the bitmap's address in its page: from the first to the last byte, aligned and not. */
    private static final int[] OFFSETS = {0, 1, 8, 4088, 4095};

    private static final List<IovaBitmapLayout> MANY_WINDOWS = List.of(
            new IovaBitmapLayout(0, 224 * GIB, 4096),
            new IovaBitmapLayout(4096, 128 * GIB, 4096),
            new IovaBitmapLayout(4 * GIB, 124 * GIB, 4096));

    private final LoggingDevice device;
    private final KernelRelease kernel;
    private final Results results;

    LoggingDifferential(LoggingDevice device, KernelRelease kernel, Results results) {
        this.device = device;
        this.kernel = kernel;
        this.results = results;
    }

    /** One report over ranges of several windows: the kernel's windows are ours, and so are the bits in each of them. */
    void windows() {
        int tried = 0;
        for (IovaBitmapLayout layout : MANY_WINDOWS) {
            device.start(new IovaRange(layout.iova(), layout.length()), 4096);
            for (int offset : OFFSETS) {
                List<IovaRange> ours = windowsOf(layout, offset);
                List<IovaRange> expected =
                        kernel.hasWindows() ? ours : List.of(new IovaRange(layout.iova(), layout.length()));
                List<IovaRange> dirty = new ArrayList<>();
                for (IovaRange window : ours) {
                    dirty.add(new IovaRange(window.iova(), 1));
                    dirty.add(new IovaRange(window.iova() + window.length() - 1, 1));
                }
                device.mock().takeWindows();
                String difference = ask(new Case(layout, offset, List.copyOf(dirty)), false);
                List<IovaRange> windows = device.mock().takeWindows();
                if (!windows.equals(expected)) {
                    results.fail(
                            "windows of " + layout + " at offset " + offset + " are " + windows + ", not " + expected);
                } else if (difference != null) {
                    results.fail(difference);
                }
                tried++;
            }
            device.stop();
        }
        results.count("logging-windows", tried);
    }

    static List<IovaRange> windowsOf(IovaBitmapLayout layout, int offset) {
        List<IovaRange> windows = new ArrayList<>();
        long base = IovaBitmapLayout.BASE_PAGE_SIZE;
        for (long i = 0; i < layout.windowCount(offset, base); i++) {
            windows.add(new IovaRange(layout.windowIova(i, offset, base), layout.windowLength(i, offset, base)));
        }
        return windows;
    }

    /** Any geometry and any writes in it, of one window. */
    void random(int cases, Random random) {
        for (int i = 1; i <= cases && !results.failed(); i++) {
            Case each = any(random);
            IovaBitmapLayout layout = each.layout();
            long first = layout.iova() & -4096;
            long end = (layout.lastIova() | 4095) + 1;
            device.start(new IovaRange(first, end - first), 4096);
            String difference = ask(each, true);
            device.stop();
            if (difference != null) {
                results.fail("case " + i + ": " + difference);
                return;
            }
            if (i % 250 == 0) {
                device.mock().takeWindows(); // it holds only so many
                System.out.println("logging: " + i + " of " + cases);
            }
        }
        results.count("logging-random", cases);
    }

    private static Case any(Random random) {
        long pageSize = 4096L << random.nextInt(19);
        int bits = 1 + random.nextInt(random.nextInt(8) == 0 ? 70_000 : 300);
        long length = (bits - 1) * pageSize + 1 + random.nextLong(pageSize);
        long iova = random.nextLong(1L << 46) + (random.nextBoolean() ? 0 : -(1L << 47) - length - pageSize);
        int offset = random.nextBoolean() ? 8 * random.nextInt(512) : random.nextInt(4096);
        List<IovaRange> dirty = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            long from = random.nextLong(length);
            long longest = length - from;
            long most = random.nextInt(3) == 0 ? longest : Math.min(longest, 3 * pageSize);
            dirty.add(new IovaRange(iova + from, 1 + random.nextLong(most)));
        }
        return new Case(new IovaBitmapLayout(iova, length, pageSize), offset, List.copyOf(dirty));
    }

    /** Writes, asks, and asks once more: the second report has nothing. */
    private @Nullable String ask(Case each, boolean again) {
        try (Arena arena = Arena.ofConfined()) {
            device.write(each.dirty());
            MemorySegment expected = each.expected(arena);
            MemorySegment actual = Case.memory(arena, each.layout(), each.offset());
            int result = report(each, actual);
            if (result != 0) {
                return "REPORT returned " + result + ": " + each;
            }
            String difference = each.difference(actual, expected);
            if (difference != null || !again) {
                return difference;
            }
            actual.fill((byte) 0);
            result = report(each, actual);
            if (result != 0) {
                return "the second REPORT returned " + result + ": " + each;
            }
            MemorySegment clean = expected.fill((byte) 0);
            difference = each.difference(actual, clean);
            return difference == null ? null : "second report: " + difference;
        }
    }

    private int report(Case each, MemorySegment memory) {
        IovaBitmapLayout layout = each.layout();
        long address = each.bitmap(memory).address();
        return device.report(layout.iova(), layout.length(), layout.pageSize(), address, memory);
    }
}
