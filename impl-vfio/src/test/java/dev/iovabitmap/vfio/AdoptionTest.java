package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.Attach;
import dev.iovabitmap.vfio.uapi.Iommufd.Bind;
import dev.iovabitmap.vfio.uapi.Iommufd.HwptAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What somebody else holds: it is used as it is said to be, checked by what the kernel answers, and never closed. */
class AdoptionTest {
    private static final long PAGE = 4096;
    private static final IovaRange MEMORY = new IovaRange(1 << 24, 64 * PAGE);

    private final SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
            .emulatedIommu(1)
            .devices(2)
            .build();
    private final Vfio vfio = Vfio.of(kernel);

    private static long harvest(VfioTracker tracker) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(8, 8);
            try (IovaBitmap bitmap = tracker.allocate(MEMORY.iova(), MEMORY.length(), PAGE, data)) {
                bitmap.forEach(null, (it, iova, length, nothing) -> {});
            }
            return data.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** A monitor that speaks to the kernel itself, and hands over what it holds. */
    private final class Monitor implements AutoCloseable {
        final Arena arena = Arena.ofShared();
        final Caller caller = new Caller(kernel.syscalls(), arena);
        final Descriptor iommufd = Descriptor.open(kernel.syscalls(), "/dev/iommu");
        final Descriptor device = Descriptor.open(kernel.syscalls(), "/dev/vfio/devices/vfio0");
        final int ioas;
        final int pageTable;

        Monitor() {
            MemorySegment bind = caller.struct(Bind.LAYOUT.byteSize());
            Bind.ARGSZ.set(bind, bind.byteSize());
            Bind.IOMMUFD.set(bind, iommufd.number());
            caller.call(device, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, bind, "");
            int id = Bind.OUT_DEVID.getInt(bind);
            MemorySegment alloc = caller.struct(IoasAlloc.LAYOUT.byteSize());
            IoasAlloc.SIZE.set(alloc, alloc.byteSize());
            caller.call(iommufd, Ioctl.IOMMU_IOAS_ALLOC, alloc, "");
            ioas = IoasAlloc.OUT_IOAS_ID.getInt(alloc);
            MemorySegment table = caller.struct(HwptAlloc.LAYOUT.byteSize());
            HwptAlloc.SIZE.set(table, table.byteSize());
            HwptAlloc.FLAGS.set(table, HwptAlloc.DIRTY_TRACKING);
            HwptAlloc.DEV_ID.set(table, id);
            HwptAlloc.PT_ID.set(table, ioas);
            caller.call(iommufd, Ioctl.IOMMU_HWPT_ALLOC, table, "");
            pageTable = HwptAlloc.OUT_HWPT_ID.getInt(table);
            MemorySegment attach = caller.struct(Attach.LAYOUT.byteSize());
            Attach.ARGSZ.set(attach, attach.byteSize());
            Attach.PT_ID.set(attach, pageTable);
            caller.call(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, attach, "");
            MemorySegment memory = arena.allocate(MEMORY.length(), PAGE);
            MemorySegment map = caller.struct(IoasMap.LAYOUT.byteSize());
            IoasMap.SIZE.set(map, map.byteSize());
            IoasMap.FLAGS.set(map, IoasMap.FIXED_IOVA | IoasMap.WRITEABLE);
            IoasMap.IOAS_ID.set(map, ioas);
            IoasMap.USER_VA.set(map, memory.address());
            IoasMap.LENGTH.set(map, MEMORY.length());
            IoasMap.IOVA.set(map, MEMORY.iova());
            caller.call(iommufd, Ioctl.IOMMU_IOAS_MAP, map, memory, "", "");
        }

        @Override
        public void close() {
            try (arena;
                    iommufd;
                    device) {}
        }
    }

    @Test
    void anAddressSpaceOfIommufd() {
        try (Monitor monitor = new Monitor()) {
            Held before = kernel.held();
            try (IommufdSpace space = vfio.adoptAddressSpace(
                            monitor.iommufd.number(), monitor.ioas, List.of(monitor.pageTable), List.of(MEMORY));
                    VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(MEMORY), PAGE)) {
                kernel.deviceWrites(0, MEMORY.iova() + 5 * PAGE, 1);
                assertEquals(1 << 5, harvest(tracker));
                assertEquals("iommufd", tracker.trackedBy());
            }
            assertEquals(before, kernel.held());
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    @SuppressWarnings("try") // one is closed on the way
    void aDeviceTwiceIsStillOne() {
        try (Monitor monitor = new Monitor();
                VfioDevice one = vfio.adoptDevice(monitor.device.number(), null);
                VfioDevice again = vfio.adoptDevice(monitor.device.number(), null);
                VfioTracker tracker = vfio.track(List.of(one), List.of(MEMORY), PAGE)) {
            var refusal =
                    assertThrows(IllegalStateException.class, () -> vfio.track(List.of(again), List.of(MEMORY), PAGE));
            assertTrue(refusal.getMessage().endsWith("is tracked by a session that is open"), refusal::getMessage);
            kernel.deviceWrites(0, MEMORY.iova(), 1);
            assertEquals(1, harvest(tracker), "the first session goes on");
            one.close();
            kernel.deviceWrites(0, MEMORY.iova() + PAGE, 1);
            assertEquals(2, harvest(tracker), "the other one is still open");
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    /** A container's number given for a device, a device's for a container, and one that is open nowhere. */
    @Test
    void whatItIsNotIsOneException() {
        try (Monitor monitor = new Monitor();
                VfioDevice device = vfio.adoptDevice(monitor.iommufd.number(), null)) {
            // no device logs its DMA there, so that everything is dirty
            assertEquals(-1, harvest(vfio.track(List.of(device), List.of(MEMORY), PAGE)));
            Type1Container container = vfio.adoptContainer(monitor.device.number(), List.of(MEMORY));
            assertEquals(
                    Errno.ENOTTY,
                    assertThrows(
                                    IoctlException.class,
                                    () -> vfio.trackMappings(Set.of(container), List.of(MEMORY), PAGE))
                            .errno());
            container.close();
        }
        Type1Container nothing = vfio.adoptContainer(7, List.of(MEMORY));
        assertEquals(
                Errno.EBADF,
                assertThrows(IoctlException.class, () -> vfio.trackMappings(Set.of(nothing), List.of(MEMORY), PAGE))
                        .errno());
        assertThrows(IllegalArgumentException.class, () -> vfio.adoptDevice(-1, null));
        assertEquals(Held.NOTHING, kernel.held());
    }

    /** Mappings that are not as they were said to be: nothing that the kernel refuses to report is taken for clean. */
    @Test
    void mappingsThatAreNotThere() {
        IovaRange wrong = new IovaRange(MEMORY.iova(), 2 * MEMORY.length());
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/1")));
                VfioDevice device = container.openDevice(kernel.deviceName(1))) {
            container.adoptMapping(wrong);
            try (VfioTracker tracker = vfio.trackMappings(Set.of(container), List.of(wrong), PAGE)) {
                assertEquals("type1", tracker.trackedBy());
                container.map(MEMORY.iova() + (1 << 30), Arena.ofAuto().allocate(PAGE, PAGE));
                assertTrue(device.canLog());
            }
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void everythingIsDirtyWhereNothingTracks() {
        SimulatedKernel blind = SimulatedKernel.builder(KernelVersion.V6_12)
                .withoutLog(0)
                .iommuTracks(false)
                .build();
        Vfio there = Vfio.of(blind);
        try (IommufdSpace space = there.openAddressSpace();
                VfioDevice device = space.openDevice(Path.of("/dev/vfio/devices/vfio0"));
                VfioTracker tracker = there.track(List.of(device), List.of(MEMORY), PAGE)) {
            assertEquals("nothing", tracker.trackedBy());
            assertEquals(-1, harvest(tracker));
            assertEquals(-1, harvest(tracker));
        }
        assertEquals(Held.NOTHING, blind.held());
    }

    /** The devices' logs if all that are open there have one, whether named or not, else what tracks each. */
    @Test
    void choosesWhatAllDevicesHave() {
        SimulatedKernel mixed = SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(2)
                .withoutLog(1)
                .build();
        Vfio there = Vfio.of(mixed);
        try (Arena arena = Arena.ofShared();
                IommufdSpace space = there.openAddressSpace();
                VfioDevice one = space.openDevice(Path.of("/dev/vfio/devices/vfio0"));
                VfioDevice two = space.openDevice(Path.of("/dev/vfio/devices/vfio1"))) {
            space.map(MEMORY.iova(), arena.allocate(MEMORY.length(), PAGE));
            try (VfioTracker tracker = there.track(List.of(one), List.of(MEMORY), PAGE)) {
                assertEquals("iommufd", tracker.trackedBy());
                assertEquals("iommufd", tracker.trackedBy(two));
            }
            try (VfioTracker tracker = there.track(List.of(one, two), List.of(MEMORY), PAGE)) {
                assertEquals("iommufd", tracker.trackedBy());
                mixed.deviceWrites(0, MEMORY.iova(), 1);
                mixed.deviceWrites(1, MEMORY.iova() + PAGE, 1);
                assertEquals(3, harvest(tracker));
                assertEquals(0, harvest(tracker));
            }
        }
        assertEquals(Held.NOTHING, mixed.held());
    }

    /** A driver that takes four ranges refuses more, and does not say how many it takes. */
    @Test
    void asksForFewerRangesWhereADriverTakesFew() {
        SimulatedKernel few = SimulatedKernel.builder(KernelVersion.V6_12)
                .misbehaving(Misbehaviour.FEW_RANGES)
                .build();
        Vfio there = Vfio.of(few);
        List<IovaRange> ranges = IntStream.range(0, 10)
                .mapToObj(i -> new IovaRange(MEMORY.iova() + 2 * i * PAGE, PAGE))
                .toList();
        try (Type1Container container = there.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(few.deviceName(0));
                VfioTracker tracker = there.track(List.of(device), ranges, PAGE);
                Arena arena = Arena.ofConfined()) {
            for (IovaRange range : ranges) {
                few.deviceWrites(0, range.iova(), 1);
                MemorySegment data = arena.allocate(8, 8);
                try (IovaBitmap bitmap = tracker.allocate(range.iova(), range.length(), PAGE, data)) {
                    bitmap.forEach(null, (it, iova, length, nothing) -> {});
                }
                assertEquals(1, data.get(ValueLayout.JAVA_LONG, 0));
            }
        }
        assertEquals(Held.NOTHING, few.held());
    }
}
