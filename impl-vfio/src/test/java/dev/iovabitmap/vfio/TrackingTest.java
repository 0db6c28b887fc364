package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not tracked is never reported clean: with several devices, IOMMUs, objects and descriptors, and at any moment. */
class TrackingTest {
    private static final long PAGE = 4096;
    private static final IovaRange LOW = pages(4096, 64);
    private static final IovaRange HIGH = pages(8192, 64);

    private final Arena arena = Arena.ofShared();
    private SimulatedKernel kernel =
            SimulatedKernel.builder(KernelVersion.V6_12).devices(3).build();

    private static IovaRange pages(long first, long count) {
        return new IovaRange(first * PAGE, count * PAGE);
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(Held.NOTHING, kernel.held());
        arena.close();
    }

    private Vfio vfio(SimulatedKernel.Builder builder) {
        kernel = builder.build();
        return Vfio.of(kernel);
    }

    private static Path cdev(int number) {
        return Path.of("/dev/vfio/devices/vfio" + number);
    }

    private MemorySegment memory(IovaRange range) {
        return arena.allocate(range.length(), PAGE);
    }

    private List<IovaRange> harvest(VfioTracker tracker, IovaRange range) {
        return read(tracker, range, false);
    }

    private List<IovaRange> read(VfioTracker tracker, IovaRange range, boolean peeking) {
        IovaBitmapLayout layout = new IovaBitmapLayout(range.iova(), range.length(), PAGE);
        MemorySegment data = arena.allocate(layout.byteSize(), 8);
        List<IovaRange> dirty = new ArrayList<>();
        try (IovaBitmap bitmap = peeking
                ? tracker.peek(range.iova(), range.length(), PAGE, data)
                : tracker.allocate(range.iova(), range.length(), PAGE, data)) {
            bitmap.forEach(null, (it, iova, length, nothing) -> {});
        } finally {
            DirtyPages.forEachRange(layout, data, (iova, length) -> dirty.add(new IovaRange(iova, length)));
        }
        return dirty;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeviceThatNothingTracksMakesEverythingDirtyWhetherItIsNamedOrNot(boolean named) {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(2)
                .withoutLog(0)
                .withoutLog(1)
                .emulatedIommu(1));
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice one = space.openDevice(cdev(0));
                VfioDevice other = space.openDevice(cdev(1))) {
            space.map(LOW.iova(), memory(LOW));
            List<VfioDevice> devices = named ? List.of(one, other) : List.of(one);
            try (VfioTracker tracker = vfio.track(devices, List.of(LOW), PAGE)) {
                assertEquals("nothing", tracker.trackedBy());
                assertEquals("nothing", tracker.trackedBy(other));
                kernel.deviceWrites(1, LOW.iova(), 1);
                assertEquals(List.of(LOW), harvest(tracker, LOW));
            }
            var refused = assertThrows(
                    IllegalStateException.class, () -> vfio.trackMappings(Set.of(space), List.of(LOW), PAGE));
            assertTrue(String.valueOf(refused.getMessage()).contains("vfio1"), refused::getMessage);
            List<Finding> findings = vfio.check(devices, List.of(LOW));
            assertEquals(1, findings.size());
            assertEquals(Finding.Status.LIMITED, findings.getFirst().status());
            assertTrue(findings.getFirst().name().contains("vfio1"), findings::toString);
        }
    }

    @Test
    void eachDeviceByWhatItHas() {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(2)
                .withoutLog(0)
                .emulatedIommu(1));
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice translated = space.openDevice(cdev(0));
                VfioDevice mediated = space.openDevice(cdev(1))) {
            space.map(LOW.iova(), memory(LOW));
            assertEquals(List.of(), vfio.check(List.of(translated), List.of(LOW)));
            try (VfioTracker tracker = vfio.track(List.of(translated), List.of(LOW), PAGE)) {
                assertEquals("iommufd", tracker.trackedBy(translated));
                assertEquals("log", tracker.trackedBy(mediated));
                assertEquals("iommufd and log", tracker.trackedBy());
                kernel.deviceWrites(0, LOW.iova(), 1);
                kernel.deviceWrites(1, LOW.iova() + 2 * PAGE, 1);
                assertEquals(List.of(pages(4096, 1), pages(4098, 1)), harvest(tracker, LOW));
            }
        }
    }

    /** Behind another IOMMU, mediated, or with nothing at all: in each session it is tracked, or everything is dirty. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aDeviceThatComesWhileASessionRuns(int kind) {
        SimulatedKernel.Builder builder =
                SimulatedKernel.builder(KernelVersion.V6_12).devices(2).withoutLog(0);
        switch (kind) {
            case 0 -> builder.withoutLog(1).behindIommu(1, 1);
            case 1 -> builder.emulatedIommu(1);
            default -> builder.emulatedIommu(1).withoutLog(1);
        }
        Vfio vfio = vfio(builder);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice first = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW));
            try (VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(LOW), PAGE)) {
                try (VfioDevice late = space.openDevice(cdev(1))) {
                    assertEquals("iommufd", tracker.trackedBy(first));
                    assertEquals(List.of("iommufd", "log", "nothing").get(kind), tracker.trackedBy(late));
                    List<IovaRange> expected = kind == 2 ? List.of(LOW) : List.of(pages(4099, 1));
                    kernel.deviceWrites(1, LOW.iova() + 3 * PAGE, 1);
                    assertEquals(expected, harvest(tracker, LOW));
                    assertEquals(kind == 2 ? expected : List.of(), harvest(tracker, LOW));
                    kernel.deviceWrites(1, LOW.iova() + 3 * PAGE, 1); // and is taken when it is unplugged
                }
                assertEquals(kind == 2 ? List.of(LOW) : List.of(pages(4099, 1)), harvest(tracker, LOW));
                assertEquals(List.of(), harvest(tracker, LOW));
            }
        }
    }

    /** What it writes before anybody asked it to is tracked too: tracking starts before it is attached. */
    @Test
    void aPageTableTracksBeforeADeviceIsAttached() {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(2)
                .withoutLog(0)
                .withoutLog(1)
                .behindIommu(1, 1));
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice first = space.openDevice(cdev(0));
                VfioTracker tracker = vfio.track(List.of(first), List.of(LOW), PAGE)) {
            kernel.startRecording();
            try (VfioDevice late = space.openDevice(cdev(1))) {
                List<String> calls = kernel.stopRecording();
                assertTrue(
                        calls.lastIndexOf("IOMMU_HWPT_SET_DIRTY_TRACKING ENABLE")
                                < calls.lastIndexOf("VFIO_DEVICE_ATTACH_IOMMUFD_PT"),
                        calls::toString);
                assertEquals("iommufd", tracker.trackedBy(late));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KernelVersion.class)
    void rangesOfALogAreWholeGroupsOf64Pages(KernelVersion version) {
        Vfio vfio = vfio(SimulatedKernel.builder(version)
                .misbehaving(Misbehaviour.COMBINES_RANGES, Misbehaviour.ACKNOWLEDGES_64_PAGES));
        List<IovaRange> ranges = List.of(pages(5, 16), pages(1037, 16), pages(2085, 16));
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0));
                VfioTracker tracker = vfio.track(List.of(device), ranges, PAGE)) {
            for (IovaRange range : ranges) {
                kernel.deviceWrites(0, range.iova(), range.length());
            }
            for (IovaRange range : ranges) {
                assertEquals(List.of(range), harvest(tracker, range));
            }
        }
    }

    /** Between asking for the dirt and unmapping, and mapped again before anybody looks. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMappingThatComesBackIsDirtyOnce(boolean iommufd) {
        Vfio vfio = Vfio.of(kernel);
        try (AddressSpace space =
                        iommufd ? vfio.openAddressSpace() : vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = space instanceof IommufdSpace own
                        ? own.openDevice(cdev(0))
                        : ((Type1Container) space).openDevice(kernel.deviceName(0))) {
            space.map(LOW.iova(), memory(LOW));
            space.map(HIGH.iova(), memory(HIGH));
            try (VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(LOW, HIGH), PAGE)) {
                kernel.beforeEachCall(name -> {
                    if (name.contains("UNMAP")) {
                        kernel.deviceWrites(0, HIGH.iova() + PAGE, 1);
                    }
                });
                space.unmap(HIGH);
                kernel.beforeEachCall(name -> {});
                space.map(HIGH.iova(), memory(HIGH));
                assertEquals(List.of(HIGH), harvest(tracker, HIGH));
                if (iommufd) {
                    assertEquals(List.of(), harvest(tracker, LOW), "the neighbour is exact");
                    assertEquals(List.of(), harvest(tracker, HIGH));
                }
            }
            assertTrue(device.canLog());
        }
    }

    /** The owner of what was adopted unmaps: it says so before, and the hole is dirty and not clean. */
    @Test
    void aMappingThatItsOwnerTakesAway() {
        Vfio owner = Vfio.of(kernel);
        try (Type1Container container = owner.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            container.map(LOW.iova(), memory(LOW));
            container.map(HIGH.iova(), memory(HIGH));
            try (Type1Container adopted = Vfio.of(kernel).adoptContainer(1 << 20, List.of(LOW, HIGH));
                    VfioTracker tracker = owner.trackMappings(Set.of(adopted), List.of(LOW, HIGH), PAGE)) {
                assertEquals(container.mappings(), adopted.mappings(), "it is the same");
                adopted.forgetMapping(HIGH);
                assertEquals(List.of(LOW), container.mappings());
                assertThrows(IllegalArgumentException.class, () -> adopted.forgetMapping(HIGH));
                assertThrows(IllegalArgumentException.class, () -> adopted.adoptMapping(pages(4097, 1)));
                adopted.adoptMapping(LOW); // is known already
                assertEquals(List.of(HIGH), harvest(tracker, HIGH));
                assertEquals(List.of(HIGH), harvest(tracker, HIGH));
                assertTrue(
                        owner.check(List.of(device), List.of(LOW)).stream()
                                .anyMatch(finding -> finding.status() == Finding.Status.UNKNOWN),
                        "it is said that the lists are trusted");
            }
        }
    }

    @Test
    void twoObjectsOverOneFileAreOneThing() {
        Vfio one = Vfio.of(kernel);
        Vfio other = Vfio.of(kernel);
        try (Type1Container container = one.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            int fd = (1 << 20) + 2;
            try (VfioDevice again = other.adoptDevice(fd, null);
                    VfioTracker tracker = one.track(List.of(device), List.of(LOW), PAGE)) {
                assertThrows(IllegalStateException.class, () -> other.track(List.of(again), List.of(LOW), PAGE));
                kernel.deviceWrites(0, LOW.iova(), 1);
                assertEquals(List.of(pages(4096, 1)), harvest(tracker, LOW));
            }
            // what one of them owes, the other hands over; and only where it was lost
            VfioTracker failing = one.track(List.of(device), List.of(LOW), PAGE);
            kernel.fail(new CallFailure(name -> name.endsWith("REPORT"), 0, 1, Errno.EIO, true));
            assertThrows(IoctlException.class, () -> harvest(failing, LOW));
            failing.close();
            try (VfioDevice again = other.adoptDevice(fd, null)) {
                try (VfioTracker elsewhere = other.track(List.of(again), List.of(HIGH), PAGE)) {
                    assertEquals(List.of(), harvest(elsewhere, HIGH));
                }
                try (VfioTracker tracker = other.track(List.of(again), List.of(LOW, HIGH), PAGE)) {
                    assertEquals(List.of(), harvest(tracker, HIGH));
                    assertEquals(List.of(LOW), harvest(tracker, LOW));
                    assertEquals(List.of(), harvest(tracker, LOW));
                }
            }
        }
    }

    /** A number is given to the next file that is opened, which owes nothing of what the last one did. */
    @Test
    void aNumberThatIsUsedAgainOwesNothing() {
        Vfio vfio = Vfio.of(kernel);
        for (int round = 0; round < 2; round++) {
            try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                    VfioDevice device = container.openDevice(kernel.deviceName(0));
                    VfioTracker tracker = vfio.track(List.of(device), List.of(LOW), PAGE)) {
                assertEquals(List.of(), harvest(tracker, LOW), "in round " + round);
                kernel.fail(new CallFailure(name -> name.endsWith("REPORT"), 0, 1, Errno.EIO, true));
                assertThrows(IoctlException.class, () -> harvest(tracker, LOW));
            }
        }
    }

    @Test
    void amdHostsFrom619OnMapWithSmallEntriesOrTrackNothing() {
        SimulatedKernel.Builder amd =
                SimulatedKernel.builder(KernelVersion.V6_19).withoutLog(0).amdIommu(0);
        Vfio vfio = vfio(amd);
        IovaRange huge = new IovaRange(1L << 30, 4L << 20);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            space.map(huge.iova(), arena.allocate(huge.length(), 2L << 20));
            try (VfioTracker tracker = vfio.track(List.of(device), List.of(huge), PAGE)) {
                assertEquals("iommufd", tracker.trackedBy());
                kernel.deviceWrites(0, huge.iova() + PAGE, 1);
                assertEquals(List.of(new IovaRange(huge.iova() + PAGE, PAGE)), harvest(tracker, huge));
            }
        }
        kernel.fail(new CallFailure(name -> name.startsWith("IOMMU_OPTION"), 0, 1, Errno.EOPNOTSUPP, false));
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            assertFalse(space.canTrack());
            List<Finding> findings = vfio.check(List.of(device), List.of(huge));
            assertTrue(findings.getFirst().meaning().contains("AMD"), findings::toString);
            space.confirmSmallEntries();
            assertTrue(space.canTrack());
        }
    }

    @Test
    void aSpaceStaysOpenForAsLongAsADeviceCanWriteToIt() {
        Vfio vfio = Vfio.of(kernel);
        IommufdSpace space = vfio.openAddressSpace();
        try (VfioDevice device = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW));
            var refused = assertThrows(IllegalStateException.class, space::close);
            assertTrue(String.valueOf(refused.getMessage()).contains(device.toString()), refused::getMessage);
            assertEquals(List.of(LOW), space.mappings());
        }
        space.close();
        space.close();
    }

    @Test
    void mapsAfterASessionAsBefore() {
        Vfio vfio = Vfio.of(kernel);
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            vfio.track(List.of(device), List.of(LOW), PAGE).close();
            container.map(LOW.iova(), memory(LOW));
            container.unmap(LOW);
            vfio.trackMappings(Set.of(container), List.of(LOW), PAGE).close();
            container.map(LOW.iova(), memory(LOW));
            assertEquals(List.of(LOW), container.mappings());
        }
    }

    /** A log knows addresses, mapped or not: a mapping that comes or goes changes nothing there. */
    @Test
    void aLogIsExactWhateverIsMapped() {
        Vfio vfio = Vfio.of(kernel);
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            container.map(LOW.iova(), memory(LOW));
            try (VfioTracker tracker = vfio.track(List.of(device), List.of(LOW, HIGH), PAGE)) {
                kernel.deviceWrites(0, LOW.iova(), 1);
                kernel.startRecording();
                container.unmap(LOW);
                container.map(HIGH.iova(), memory(HIGH));
                assertEquals(List.of("VFIO_IOMMU_UNMAP_DMA", "VFIO_IOMMU_MAP_DMA"), kernel.stopRecording());
                kernel.deviceWrites(0, HIGH.iova(), 1);
                assertEquals(List.of(pages(4096, 1)), harvest(tracker, LOW));
                assertEquals(List.of(pages(8192, 1)), harvest(tracker, HIGH));
            }
        }
    }

    @Test
    void mapsReadOnlyMemoryForReading() {
        Vfio vfio = Vfio.of(kernel);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW).asReadOnly());
            space.map(HIGH.iova(), memory(HIGH));
            try (VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(LOW, HIGH), PAGE)) {
                kernel.deviceWrites(0, LOW.iova(), 1); // the IOMMU lets none of it through
                assertEquals(List.of(), harvest(tracker, LOW));
                assertEquals("iommufd", tracker.trackedBy(device));
            }
        }
    }

    @Test
    @SuppressWarnings("restricted") // an address that nobody dereferences
    void aContainerWithAMappingOfTooManyPagesTracksNothing() {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12).withoutLog(0));
        IovaRange tooLong = new IovaRange(1L << 44, (1L << 31) * PAGE);
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            container.map(tooLong.iova(), MemorySegment.ofAddress(1L << 46).reinterpret(tooLong.length()));
            assertFalse(container.canTrack());
            try (VfioTracker tracker = vfio.track(List.of(device), List.of(LOW), PAGE)) {
                assertEquals("nothing", tracker.trackedBy());
                assertEquals(List.of(LOW), harvest(tracker, LOW));
            }
        }
    }

    /** A failed attachment leaves no page table, and only EINVAL means that there has to be another. */
    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOMEM, Errno.EBUSY, Errno.EIO})
    void aDeviceThatCannotBeAttachedLeavesNothing(int errno) {
        Vfio vfio = Vfio.of(kernel);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice first = space.openDevice(cdev(0))) {
            Held before = kernel.held();
            kernel.fail(CallFailure.next("VFIO_DEVICE_ATTACH_IOMMUFD_PT", errno));
            IoctlException failed = assertThrows(IoctlException.class, () -> space.openDevice(cdev(1)));
            assertEquals(errno, failed.errno());
            assertEquals(before, kernel.held(), first::toString);
        }
    }

    @Test
    void stopsALogWhoseSecondRoundOfStartingFails() {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12).misbehaving(Misbehaviour.GRANULE_2M));
        try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
                VfioDevice device = container.openDevice(kernel.deviceName(0))) {
            kernel.fail(CallFailure.next("VFIO_DEVICE_FEATURE DMA_LOGGING_STOP", Errno.EIO));
            assertThrows(IoctlException.class, () -> vfio.track(List.of(device), List.of(LOW), PAGE));
            assertEquals(0, kernel.held().trackingSessions());
            kernel.fail(new CallFailure(name -> name.endsWith("STOP"), 1, 1, Errno.EIO, false));
            VfioTracker tracker = vfio.track(List.of(device), List.of(LOW), PAGE);
            assertThrows(IoctlException.class, tracker::close);
            assertEquals(1, kernel.held().trackingSessions());
            vfio.track(List.of(device), List.of(LOW), PAGE).close(); // it is stopped first
        }
    }

    /** Nothing was cleared, so nothing is lost. */
    @Test
    void aPeekIntoWordsThatAreClosedBreaksNothing() {
        Vfio vfio = Vfio.of(kernel);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW));
            try (VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(LOW), PAGE)) {
                kernel.deviceWrites(0, LOW.iova(), 1);
                Arena words = Arena.ofShared();
                IovaBitmap bitmap = tracker.peek(LOW.iova(), LOW.length(), PAGE, words.allocate(8, 8));
                words.close();
                assertThrows(
                        IllegalStateException.class, () -> bitmap.forEach(null, (it, iova, length, nothing) -> {}));
                assertEquals(List.of(pages(4096, 1)), read(tracker, LOW, true));
                assertEquals(List.of(pages(4096, 1)), harvest(tracker, LOW), device::toString);
            }
        }
    }

    @Test
    void aDeviceThatIsClosedCannotBeTracked() {
        Vfio vfio = Vfio.of(kernel);
        try (IommufdSpace space = vfio.openAddressSpace()) {
            VfioDevice device = space.openDevice(cdev(0));
            device.close();
            device.close();
            assertThrows(IllegalStateException.class, () -> vfio.track(List.of(device), List.of(LOW), PAGE));
            assertThrows(IllegalStateException.class, device::canLog);
            assertThrows(IllegalArgumentException.class, () -> vfio.track(List.of(), List.of(), PAGE));
        }
    }

    /** The number of a device's page table may change, and with it whether anything tracks the device. */
    @Test
    void whatADeviceIsAttachedToNextCounts() {
        Vfio vfio = vfio(SimulatedKernel.builder(KernelVersion.V6_12).withoutLog(0));
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW));
            int fd = (1 << 20) + 1;
            try (VfioTracker tracker = vfio.track(List.of(device), List.of(LOW), PAGE)) {
                assertEquals("iommufd", tracker.trackedBy(device));
                assertEquals(List.of(), harvest(tracker, LOW));
                int itself = 1; // the first object of the file
                try (VfioDevice moved = space.adoptDevice(fd, itself)) {
                    assertEquals("nothing", tracker.trackedBy(moved));
                    assertEquals("nothing", tracker.trackedBy());
                    assertEquals(List.of(LOW), harvest(tracker, LOW));
                }
            }
        }
    }

    @Test
    void tellsOfEveryFailureOfClosing() {
        Vfio vfio = Vfio.of(kernel);
        Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0"), Path.of("/dev/vfio/1")));
        kernel.fail(new CallFailure(name -> name.startsWith("close "), 0, 3, Errno.EIO, false));
        IoctlException first = assertThrows(IoctlException.class, container::close);
        assertEquals("/dev/vfio/1", first.arguments());
        assertEquals(2, first.getSuppressed().length);
    }

    @Test
    void anUnmappingThatFailsVouchesForNothing() {
        Vfio vfio = Vfio.of(kernel);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            space.map(LOW.iova(), memory(LOW));
            space.map(HIGH.iova(), memory(HIGH));
            try (VfioTracker tracker = vfio.track(List.of(device), List.of(HIGH), PAGE);
                    VfioTracker mappings = vfio.trackMappings(Set.of(space), List.of(LOW, HIGH), PAGE)) {
                kernel.fail(new CallFailure("IOMMU_IOAS_UNMAP"::equals, 0, 1, Errno.EIO, true));
                assertThrows(IoctlException.class, () -> space.unmap(HIGH));
                assertEquals(List.of(LOW, HIGH), space.mappings());
                assertEquals(List.of(HIGH), harvest(mappings, HIGH));
                assertEquals(List.of(HIGH), harvest(mappings, HIGH));
                assertEquals(List.of(), harvest(mappings, LOW));
                assertEquals(List.of(), harvest(tracker, HIGH), "of the device's log nothing was lost");
                space.map(HIGH.iova(), memory(HIGH));
                harvest(mappings, HIGH);
                assertEquals(List.of(), harvest(mappings, HIGH));
            }
        }
    }

    /** What a map or unmap costs does not depend on how much is mapped: it is one call, and so is each mapping's report. */
    @Test
    void makesOneCallForEachMappingThatComesOrGoesOrIsAskedFor() {
        Vfio vfio = Vfio.of(kernel);
        int count = 2000;
        IovaRange all = pages(4096, 2 * count);
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(cdev(0))) {
            MemorySegment page = memory(pages(0, 1));
            for (int i = 0; i < count; i++) {
                space.map(all.iova() + 2 * i * PAGE, page);
            }
            try (VfioTracker tracker = vfio.trackMappings(Set.of(space), List.of(all), PAGE)) {
                kernel.startRecording();
                harvest(tracker, all);
                assertEquals(count, kernel.stopRecording().size(), device::toString);
                kernel.startRecording();
                for (int i = 0; i < count; i++) {
                    space.unmap(new IovaRange(all.iova() + 2 * i * PAGE, PAGE));
                    space.map(all.iova() + 2 * i * PAGE, page);
                }
                assertEquals(2 * count, kernel.stopRecording().size());
            }
        }
    }
}
