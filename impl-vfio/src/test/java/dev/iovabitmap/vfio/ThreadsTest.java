package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Threads that close what others use: one clear exception each, nothing lost, no crash. */
class ThreadsTest {
    private static final long PAGE = 4096;
    private static final int ROUNDS = 300;
    private static final IovaRange MEMORY = new IovaRange(1 << 24, 512 * PAGE);

    private final SimulatedKernel kernel =
            SimulatedKernel.builder(KernelVersion.V6_12).build();
    private final Vfio vfio = Vfio.of(kernel);

    private interface Body {
        void run() throws Exception;
    }

    /** Runs both at once, and returns what the first threw, or null. */
    private static Throwable race(ExecutorService threads, Body first, Body second) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        Future<?> one = threads.submit(() -> {
            start.await();
            first.run();
            return null;
        });
        Future<?> other = threads.submit(() -> {
            start.await();
            second.run();
            return null;
        });
        other.get();
        try {
            one.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private static void harvest(IovaBitmap bitmap) {
        bitmap.forEach(null, (it, iova, length, nothing) -> {});
    }

    /** The session is closed in the middle of a harvest: it is all there, or everything is marked and it throws. */
    @Test
    void aSessionThatIsClosedMeanwhile() throws Exception {
        try (Arena arena = Arena.ofShared();
                Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            IovaBitmapLayout layout = new IovaBitmapLayout(MEMORY.iova(), MEMORY.length(), PAGE);
            MemorySegment data = arena.allocate(layout.byteSize(), 8);
            for (int round = 0; round < ROUNDS; round++) {
                data.fill((byte) 0);
                VfioTracker tracker = vfio.track(List.of(device), List.of(MEMORY), PAGE);
                IovaBitmap bitmap = tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, data);
                kernel.deviceWrites(0, MEMORY.iova() + round * PAGE, 1);
                Throwable thrown = race(threads, () -> harvest(bitmap), tracker::close);
                assertTrue(thrown == null || thrown instanceof IllegalStateException, () -> "threw " + thrown);
                assertEquals(thrown == null ? 1 : layout.bitCount(), DirtyPages.count(layout, data));
                assertTrue(DirtyPages.isDirty(layout, data, MEMORY.iova() + round * PAGE));
            }
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    /** The caller's words go away in the middle: what was taken comes with the next bitmap. */
    @Test
    void wordsThatAreClosedMeanwhile() throws Exception {
        try (Arena arena = Arena.ofShared();
                Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0));
                VfioTracker tracker = vfio.track(List.of(device), List.of(MEMORY), PAGE);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            IovaBitmapLayout layout = new IovaBitmapLayout(MEMORY.iova(), MEMORY.length(), PAGE);
            MemorySegment next = arena.allocate(layout.byteSize(), 8);
            IovaBitmap later = tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, next);
            for (int round = 0; round < ROUNDS; round++) {
                Arena closing = Arena.ofShared();
                IovaBitmap bitmap =
                        tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, closing.allocate(layout.byteSize(), 8));
                kernel.deviceWrites(0, MEMORY.iova() + round * PAGE, 1);
                Throwable thrown = race(threads, () -> harvest(bitmap), closing::close);
                assertTrue(thrown == null || thrown instanceof IllegalStateException, () -> "threw " + thrown);
                next.fill((byte) 0);
                harvest(later);
                if (thrown != null) {
                    // it may have been in the words already when they went; it was theirs then, or it is here
                    assertTrue(DirtyPages.count(layout, next) <= 1);
                } else {
                    assertEquals(0, DirtyPages.count(layout, next));
                }
            }
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    /** Bitmaps of one session in several threads, each with pages of its own and all with one that each may take. */
    @Test
    void bitmapsInSeveralThreads() throws Exception {
        try (Arena arena = Arena.ofShared();
                Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0));
                VfioTracker tracker = vfio.track(List.of(device), List.of(MEMORY), PAGE);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            IovaBitmapLayout layout = new IovaBitmapLayout(MEMORY.iova(), MEMORY.length(), PAGE);
            List<MemorySegment> words = new ArrayList<>();
            List<IovaBitmap> bitmaps = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                words.add(arena.allocate(layout.byteSize(), 8));
                bitmaps.add(tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, words.get(i)));
            }
            for (int round = 0; round < ROUNDS; round++) {
                int page = round;
                words.forEach(segment -> segment.fill((byte) 0));
                kernel.deviceWrites(0, MEMORY.iova() + page * PAGE, 1);
                race(threads, () -> harvest(bitmaps.get(0)), () -> harvest(bitmaps.get(1)));
                long total = words.stream()
                        .mapToLong(segment -> DirtyPages.count(layout, segment))
                        .sum();
                assertEquals(1, total, "in round " + page);
            }
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void aThreadThatMayNotTouchTheWords() throws Exception {
        try (Arena confined = Arena.ofConfined();
                Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0));
                VfioTracker tracker = vfio.track(List.of(device), List.of(MEMORY), PAGE);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            IovaBitmapLayout layout = new IovaBitmapLayout(MEMORY.iova(), MEMORY.length(), PAGE);
            MemorySegment data = confined.allocate(layout.byteSize(), 8);
            IovaBitmap bitmap = tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, data);
            kernel.deviceWrites(0, MEMORY.iova(), 1);
            Throwable thrown = race(threads, () -> harvest(bitmap), () -> {});
            assertTrue(thrown instanceof WrongThreadException, () -> "threw " + thrown);
            assertThrows(
                    ExecutionException.class,
                    () -> threads.submit(() -> tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, data))
                            .get());
            harvest(bitmap);
            assertEquals(1, DirtyPages.count(layout, data));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }
}
