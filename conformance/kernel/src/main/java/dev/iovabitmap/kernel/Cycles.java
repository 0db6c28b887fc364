package dev.iovabitmap.kernel;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.VfioProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Sessions that come and go, after which nothing of them is left. */
final class Cycles {
    private static final int OF_DEVICES = 50;

    private Cycles() {}

    static void run(String transport, int cycles, Results results) throws IOException {
        cycle(transport, 2); // what is loaded once is loaded
        long before = descriptors();
        for (int done = 0; done < cycles; done += OF_DEVICES) {
            if (!cycle(transport, OF_DEVICES)) {
                results.fail(transport + ": a session lost what was written");
                return;
            }
        }
        long after = descriptors();
        if (after != before) {
            results.fail(
                    transport + ": " + after + " descriptors are open after " + cycles + " sessions, not " + before);
            return;
        }
        results.count(transport + "-session-cycles", cycles);
    }

    private static boolean cycle(String transport, int sessions) {
        try (HardwareHarness harness = new VfioProvider()
                .hardware(Map.of("tier", "kernel", "transport", transport))
                .orElseThrow(() -> new IllegalStateException("no mock device"))) {
            IovaRange range = new IovaRange(harness.trackable().get(0).iova(), 1 << 20);
            for (int i = 0; i < sessions; i++) {
                try (Arena arena = Arena.ofConfined();
                        DirtyTracker tracker = harness.track(harness.trackable(), 4096)) {
                    MemorySegment data = arena.allocate(range.length() / 4096 / 8, 8);
                    harness.write(range.iova() + 8 * 4096, 1);
                    try (IovaBitmap bitmap = tracker.allocate(range.iova(), range.length(), 4096, data)) {
                        bitmap.forEach(null, (self, iova, length, nothing) -> {});
                    }
                    if ((data.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 1) & 1) == 0) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
