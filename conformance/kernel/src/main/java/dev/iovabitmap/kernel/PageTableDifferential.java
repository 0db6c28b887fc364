package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.mock.MockPageTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Dirty bits of IOMMUFD's mock IOMMU, read without and with clearing, against our bits. */
final class PageTableDifferential implements AutoCloseable {
    private static final long PAGE = MockPageTable.PAGE_SIZE;

    private final Results results;
    private final PageTableDevice device = PageTableDevice.open(8 << 20);
    private final IovaRange mapped = device.mapped();

    PageTableDifferential(Results results) {
        this.results = results;
    }

    PageTableDevice device() {
        return device;
    }

    /** Any part of the mapping, any page size, any writes in it: read without clearing, with it, and once more. */
    void random(int cases, Random random) {
        device.track(true);
        for (int i = 1; i <= cases; i++) {
            String difference = ask(any(random));
            if (difference != null) {
                results.fail("case " + i + ": " + difference);
                return;
            }
            if (i % 1000 == 0) {
                System.out.println("iommufd: " + i + " of " + cases);
            }
        }
        device.track(false);
        results.count("iommufd-random", cases);
    }

    private Case any(Random random) {
        long pageSize = PAGE << random.nextInt(7);
        long pages = mapped.length() / pageSize;
        long first = random.nextLong(pages);
        long most = random.nextInt(8) == 0 ? pages - first : Math.min(pages - first, 300);
        IovaBitmapLayout layout = new IovaBitmapLayout(
                mapped.iova() + first * pageSize, (1 + random.nextLong(most)) * pageSize, pageSize);
        List<IovaRange> dirty = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            long from = random.nextLong(layout.length()) & -PAGE;
            long longest = (layout.length() - from) / PAGE;
            long count = 1 + random.nextLong(random.nextInt(3) == 0 ? longest : Math.min(longest, 4));
            dirty.add(new IovaRange(layout.iova() + from, count * PAGE));
        }
        return new Case(layout, random.nextInt(4096), List.copyOf(dirty));
    }

    /** Writes and reads three times, while writes are tracked: {@return what is not as it has to be, or null} */
    @Nullable
    String ask(Case each) {
        try (Arena call = Arena.ofConfined()) {
            each.dirty().forEach(device::write);
            MemorySegment expected = each.expected(call);
            for (Step step : Step.values()) {
                MemorySegment actual = Case.memory(call, each.layout(), each.offset());
                IovaBitmapLayout layout = each.layout();
                int result = device.get(
                        layout.iova(), layout.length(), layout.pageSize(), step.clears, each.bitmap(actual), actual);
                if (step == Step.AGAIN) {
                    expected.fill((byte) 0);
                }
                String difference =
                        result != 0 ? "returned " + result + ": " + each : each.difference(actual, expected);
                if (difference != null) {
                    return step + ": " + difference;
                }
            }
            return null;
        }
    }

    private enum Step {
        PEEK(false),
        CLEAR(true),
        AGAIN(true);

        private final boolean clears;

        Step(boolean clears) {
            this.clears = clears;
        }
    }

    @Override
    public void close() {
        device.close();
    }
}
