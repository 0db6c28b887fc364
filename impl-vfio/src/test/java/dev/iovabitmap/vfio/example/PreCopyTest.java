package dev.iovabitmap.vfio.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.Type1Container;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Migrates a guest whose devices write all the time, and compares memory and copy. */
class PreCopyTest {
    private static final long PAGE_SIZE = 4096;
    private static final int PAGES = 1500;
    private static final long BASE = 1L << 24;

    private final SplittableRandom random = new SplittableRandom(20);

    /** A guest whose memory is a number for each page, which every write changes. */
    private final class Machine implements PreCopy.Guest, PreCopy.Destination {
        final SimulatedKernel kernel;
        final int[] memory = new int[PAGES];
        final int[] copy = new int[PAGES];
        final List<IovaRange> writtenByProcessors = new ArrayList<>();
        boolean running = true;
        int copies;

        Machine(SimulatedKernel kernel) {
            this.kernel = kernel;
        }

        void devicesWrite() {
            for (int device = 0; running && device < kernel.devices(); device++) {
                int page = random.nextInt(PAGES);
                memory[page]++;
                kernel.deviceWrites(device, BASE + page * PAGE_SIZE + random.nextInt(4096), 1);
            }
        }

        void processorsWrite() {
            int page = random.nextInt(PAGES);
            memory[page]++;
            writtenByProcessors.add(new IovaRange(BASE + page * PAGE_SIZE, PAGE_SIZE));
        }

        @Override
        public IovaRange memory() {
            return new IovaRange(BASE, PAGES * PAGE_SIZE);
        }

        @Override
        public List<IovaRange> takeWrittenByProcessors() {
            List<IovaRange> taken = List.copyOf(writtenByProcessors);
            writtenByProcessors.clear();
            return taken;
        }

        @Override
        public void stop() {
            devicesWrite();
            running = false;
        }

        @Override
        public void resume() {
            running = true;
        }

        @Override
        public void copy(long iova, long length) {
            copies++;
            int first = (int) ((iova - BASE) / PAGE_SIZE);
            for (int page = first; page < first + length / PAGE_SIZE; page++) {
                copy[page] = memory[page];
                if (running && page % 300 == 0) {
                    devicesWrite();
                    processorsWrite();
                }
            }
            devicesWrite();
        }
    }

    @ParameterizedTest
    @EnumSource
    void copiesEverythingCancelledAndResumedAtAnyPoint(KernelVersion version) {
        for (int cancelAt = 0; cancelAt < 40; cancelAt++) {
            SimulatedKernel kernel = SimulatedKernel.builder(version).devices(2).build();
            Vfio vfio = Vfio.of(kernel);
            Machine machine = new Machine(kernel);
            machine.devicesWrite();
            try (Type1Container container =
                            vfio.openContainer(List.of(Path.of("/dev/vfio/0"), Path.of("/dev/vfio/1")));
                    VfioDevice one = container.openDevice(kernel.deviceName(0));
                    VfioDevice two = container.openDevice(kernel.deviceName(1));
                    PreCopy migration = new PreCopy(vfio, List.of(one, two), machine, machine, 10)) {
                int limit = cancelAt;
                boolean done = migration.migrate(() -> machine.copies >= limit);
                if (!done) {
                    assertTrue(machine.running);
                    machine.devicesWrite();
                    machine.processorsWrite();
                    done = migration.migrate(() -> false);
                }
                assertTrue(done);
                assertFalse(machine.running);
            }
            assertArrayEquals(machine.memory, machine.copy, "cancelled after " + cancelAt + " copies");
            assertEquals(Held.NOTHING, kernel.held());
        }
    }

    /** What the page shows is what runs. */
    @Test
    void isWhatTheDocumentationShows() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        String source =
                Files.readString(root.resolve("impl-vfio/src/test/java/dev/iovabitmap/vfio/example/PreCopy.java"));
        String page = Files.readString(root.resolve("docs/tracking-a-device.md"));
        String shown = source.substring(
                        source.indexOf("    /**\n     * Starts tracking."),
                        source.indexOf("    /** What the migration"))
                .stripTrailing()
                .stripIndent();
        assertTrue(
                page.contains("<!-- PreCopy.java -->\n```java\n" + shown + "\n```\n<!-- end -->"),
                () -> "docs/tracking-a-device.md shows another state of PreCopy.java; it has to show:\n" + shown);
    }
}
