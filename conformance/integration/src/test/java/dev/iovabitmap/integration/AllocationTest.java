package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Marking, iterating and visiting make no garbage, on any backend. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Interpreted code may allocate what compiled code does not; this many rounds are compiled code for sure. */
    private static final int ROUNDS = 2_000;

    private static final int CALLS = 500;

    private long visited;

    @ParameterizedTest
    @ValueSource(strings = {"heap", "heap-concurrent", "ffm", "ffm-concurrent"})
    void allocatesNothing(String name) {
        IovaBitmapProvider provider = IovaBitmapProvider.named(name);
        IovaBitmapLayout layout = new IovaBitmapLayout(1L << 20, 1L << 20, 4096);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = provider.allocateData(layout.byteSize(), 0, arena);
            IovaBitmap bitmap = provider.allocate(layout.iova(), layout.length(), layout.pageSize(), data);
            IovaBitmapCallback<Object, RuntimeException> callback = (b, iova, length, opaque) -> visited += length;
            DirtyPages.RangeVisitor<RuntimeException> visitor = (iova, length) -> visited += length;
            assertEquals(0, leastAllocated(() -> bitmap.set((1L << 20) + 4096, 300_000)), "set");
            assertEquals(0, leastAllocated(() -> bitmap.setClipped((1L << 20) - 5000, 300_000)), "setClipped");
            assertEquals(0, leastAllocated(() -> bitmap.forEach("", callback)), "forEach");
            assertEquals(0, leastAllocated(() -> DirtyPages.forEachRange(layout, data, visitor)), "forEachRange");
            assertEquals(0, leastAllocated(() -> visited += DirtyPages.count(layout, data)), "count");
            assertEquals(
                    0,
                    leastAllocated(() -> {
                        bitmap.set((1L << 20) + 8192, 100_000);
                        DirtyPages.drain(layout, data, visitor);
                    }),
                    "drain");
            long from = (1L << 20) + 5000;
            MemorySegment other = provider.allocateData(layout.byteSize(), 0, arena);
            assertEquals(
                    0,
                    leastAllocated(() -> {
                        bitmap.set((1L << 20) + 8192, 100_000);
                        visited += DirtyPages.count(layout, data, from, 600_000);
                        DirtyPages.forEachRange(layout, data, from, 600_000, visitor);
                        DirtyPages.drain(layout, data, from, 50_000, visitor);
                        DirtyPages.clear(layout, data, from, 50_000);
                    }),
                    "parts");
            assertEquals(
                    0,
                    leastAllocated(() -> visited += DirtyPages.nextDirty(layout, data, layout.iova())
                            ^ DirtyPages.nextClean(layout, data, from)),
                    "nextDirty and nextClean");
            assertEquals(
                    0,
                    leastAllocated(() -> {
                        bitmap.set((1L << 20) + 8192, 100_000);
                        DirtyPages.take(layout, data, other);
                    }),
                    "take");
        }
    }

    /** The least that a round of calls allocated in this thread, in bytes; stops at the first that allocated none. */
    private static long leastAllocated(Runnable call) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
