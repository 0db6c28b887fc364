package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.IommufdSpace;
import dev.iovabitmap.vfio.Type1Container;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.VfioTracker;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 100,000 sessions, after which the kernel holds nothing and no memory has gone, on the heap or off it. */
class CyclesTest {
    private static final long PAGE = 4096;
    private static final IovaRange MEMORY = new IovaRange(1 << 24, 64 * PAGE);

    /** What a session may leave on the heap, in bytes, for what tests and the JVM keep in the meantime; an object is larger. */
    private static final long ON_HEAP = 8;

    /** The same off the heap, where a thread of the JVM may begin to keep a buffer: less than any allocation. */
    private static final long OFF_HEAP = 1;

    /** In what the JVM says of its memory: what code asked for off the heap, arenas among it. */
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=(\\d+)");

    private enum Way {
        LOG,
        TYPE1,
        IOMMUFD
    }

    @ParameterizedTest
    @CsvSource({"LOG, 34000", "TYPE1, 33000", "IOMMUFD, 33000"})
    void leaveNothing(Way way, int cycles) throws JMException {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
                .emulatedIommu(way == Way.TYPE1 ? 0 : 30)
                .build();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(MEMORY.length(), PAGE);
            MemorySegment data = arena.allocate(8, 8);
            // earlier tests leave what the collector has to release, and to ask makes what is kept: both not later
            long onHeap = bytesOnHeap();
            long offHeap = bytesOffHeap();
            for (int i = 0; i < cycles; i++) {
                cycle(way, kernel, memory, data, i % 64);
                assertEquals(Held.NOTHING, kernel.held());
                kernel.forgetWritten(0);
                if (i == cycles / 10) {
                    onHeap = bytesOnHeap();
                    offHeap = bytesOffHeap();
                }
            }
            assertGrewLess(cycles * ON_HEAP, onHeap, bytesOnHeap(), "the heap");
            assertGrewLess(cycles * OFF_HEAP, offHeap, bytesOffHeap(), "what is off the heap");
        }
    }

    private static void cycle(Way way, SimulatedKernel kernel, MemorySegment memory, MemorySegment data, int page) {
        Vfio vfio = Vfio.of(kernel);
        boolean iommufd = way == Way.IOMMUFD;
        try (AddressSpace space =
                        iommufd ? vfio.openAddressSpace() : vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = iommufd
                        ? ((IommufdSpace) space).openDevice(Path.of("/dev/vfio/devices/vfio0"))
                        : ((Type1Container) space).openDevice(kernel.deviceName(0))) {
            space.map(MEMORY.iova(), memory);
            try (VfioTracker tracker = way == Way.LOG
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

    private static void assertGrewLess(long limit, long before, long after, String what) {
        assertTrue(after - before < limit, () -> what + " grew from " + before + " to " + after + " bytes");
    }

    private static long bytesOffHeap() throws JMException {
        Object said = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "vmNativeMemory",
                        new Object[] {new String[] {"summary", "scale=B"}},
                        new String[] {String[].class.getName()});
        Matcher other = OTHER.matcher((String) said);
        assertTrue(other.find(), () -> "run it with -XX:NativeMemoryTracking=summary: " + said);
        return Long.parseLong(other.group(1));
    }

    private static long bytesOnHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
