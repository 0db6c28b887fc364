package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.mock.MockPageTable;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Dirty bits of IOMMUFD's mock IOMMU, read without and with clearing, against our bits. */
final class PageTableDifferential implements AutoCloseable {
    private static final long PAGE = MockPageTable.PAGE_SIZE;
    static final IovaRange MAPPED = new IovaRange(MockPageTable.FIRST, 8 << 20);

    private final Arena arena = Arena.ofConfined();
    private final Results results;
    private final Caller caller;
    private final MockPageTable table;

    PageTableDifferential(Results results) {
        this.results = results;
        this.caller = new Caller(Syscalls.linux(), arena);
        this.table = MockPageTable.open(Vfio.linux(), Syscalls.linux());
        table.space().map(MAPPED.iova(), arena.allocate(MAPPED.length(), 4096));
    }

    void track(boolean enable) {
        MemorySegment struct = caller.struct(SetDirtyTracking.LAYOUT.byteSize());
        SetDirtyTracking.SIZE.set(struct, struct.byteSize());
        SetDirtyTracking.FLAGS.set(struct, enable ? SetDirtyTracking.ENABLE : 0);
        SetDirtyTracking.HWPT_ID.set(struct, table.handle().id());
        caller.call(table.handle().iommufd(), Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, struct, "enable=" + enable);
    }

    /** {@return 0, or the negated error number} */
    int get(long iova, long length, long pageSize, boolean clear, MemorySegment bitmap, MemorySegment memory) {
        MemorySegment struct = caller.struct(GetDirtyBitmap.LAYOUT.byteSize());
        GetDirtyBitmap.SIZE.set(struct, struct.byteSize());
        GetDirtyBitmap.HWPT_ID.set(struct, table.handle().id());
        GetDirtyBitmap.FLAGS.set(struct, clear ? 0 : GetDirtyBitmap.NO_CLEAR);
        GetDirtyBitmap.IOVA.set(struct, iova);
        GetDirtyBitmap.LENGTH.set(struct, length);
        GetDirtyBitmap.PAGE_SIZE.set(struct, pageSize);
        GetDirtyBitmap.DATA.set(struct, bitmap.address());
        return caller.ask(table.handle().iommufd(), Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP, struct, memory);
    }

    /** Any part of the mapping, any page size, any writes in it: read without clearing, with it, and once more. */
    void random(int cases, Random random) {
        track(true);
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
        track(false);
        results.count("iommufd-random", cases);
    }

    private static Case any(Random random) {
        long pageSize = PAGE << random.nextInt(7);
        long pages = MAPPED.length() / pageSize;
        long first = random.nextLong(pages);
        long most = random.nextInt(8) == 0 ? pages - first : Math.min(pages - first, 300);
        IovaBitmapLayout layout = new IovaBitmapLayout(
                MAPPED.iova() + first * pageSize, (1 + random.nextLong(most)) * pageSize, pageSize);
        List<IovaRange> dirty = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            long from = random.nextLong(layout.length()) & -PAGE;
            long longest = (layout.length() - from) / PAGE;
            long count = 1 + random.nextLong(random.nextInt(3) == 0 ? longest : Math.min(longest, 4));
            dirty.add(new IovaRange(layout.iova() + from, count * PAGE));
        }
        return new Case(layout, random.nextInt(4096), List.copyOf(dirty));
    }

    private @Nullable String ask(Case each) {
        try (Arena call = Arena.ofConfined()) {
            each.dirty().forEach(range -> table.write(range.iova(), range.length()));
            MemorySegment expected = each.expected(call);
            for (Step step : Step.values()) {
                MemorySegment actual = Case.memory(call, each.layout(), each.offset());
                IovaBitmapLayout layout = each.layout();
                int result = get(
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

    /** The patterns of the kernel's own selftest: every second page of a range, the bitmap at three places of its page. */
    void selftest() {
        track(true);
        int tried = 0;
        for (long kib : new long[] {8, 16, 64, 128, 320, 8 << 10}) {
            IovaBitmapLayout layout = new IovaBitmapLayout(MAPPED.iova(), kib << 10, PAGE);
            List<IovaRange> dirty = new ArrayList<>();
            for (long at = 0; at < layout.length(); at += 2 * PAGE) {
                dirty.add(new IovaRange(layout.iova() + at, PAGE));
            }
            for (int offset : new int[] {0, 2048, 0xff1}) {
                String difference = ask(new Case(layout, offset, dirty));
                if (difference != null) {
                    results.fail("selftest " + kib + " KiB: " + difference);
                    return;
                }
                tried += 2; // read without and with clearing
            }
        }
        track(false);
        results.count("iommufd-selftest-patterns", tried);
    }

    @Override
    public void close() {
        try (arena) {
            table.close();
        }
    }
}
