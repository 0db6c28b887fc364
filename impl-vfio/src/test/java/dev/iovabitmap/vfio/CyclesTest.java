package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 100,000 sessions, after which nothing is held and no memory has gone. */
class CyclesTest {
    private static final long PAGE = 4096;
    private static final IovaRange MEMORY = new IovaRange(1 << 24, 64 * PAGE);

    /** What a leak of one page in ten cycles would pass. */
    private static final long MAX_GROWTH = 32 << 20;

    @ParameterizedTest
    @CsvSource({"LOG, 34000", "TYPE1, 33000", "IOMMUFD, 33000"})
    void leaveNothing(SimulatedTransport transport, int cycles) throws IOException {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
                .emulatedIommu(transport == SimulatedTransport.TYPE1 ? 0 : 30)
                .build();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(MEMORY.length(), PAGE);
            MemorySegment data = arena.allocate(8, 8);
            long before = 0;
            for (int i = 0; i < cycles; i++) {
                cycle(transport, kernel, memory, data, i % 64);
                assertEquals(Held.NOTHING, kernel.held());
                kernel.forgetWritten(0);
                if (i == cycles / 10) {
                    before = residentBytes();
                }
            }
            long growth = residentBytes() - before;
            assertTrue(growth < MAX_GROWTH, () -> "resident memory grew by " + growth + " bytes");
        }
    }

    private static void cycle(
            SimulatedTransport transport, SimulatedKernel kernel, MemorySegment memory, MemorySegment data, int page) {
        Vfio vfio = Vfio.of(kernel);
        boolean iommufd = transport == SimulatedTransport.IOMMUFD;
        try (AddressSpace space =
                        iommufd ? vfio.openAddressSpace() : vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = iommufd
                        ? ((IommufdSpace) space).openDevice(Path.of("/dev/vfio/devices/vfio0"))
                        : ((Type1Container) space).openDevice(kernel.deviceName(0))) {
            space.map(MEMORY.iova(), memory);
            try (VfioTracker tracker = transport == SimulatedTransport.LOG
                            ? vfio.track(List.of(device), List.of(MEMORY), PAGE)
                            : vfio.trackMappings(Set.of(space), List.of(MEMORY), PAGE);
                    IovaBitmap bitmap = tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, data)) {
                kernel.deviceWrites(0, MEMORY.iova() + page * PAGE, 1);
                bitmap.forEach(null, (it, iova, length, nothing) -> {});
                assertEquals(1L << page, data.get(ValueLayout.JAVA_LONG, 0));
                data.set(ValueLayout.JAVA_LONG, 0, 0);
            }
        }
    }

    private static long residentBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .sum()
                    << 10;
        }
    }
}
