package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What works, in the order in which programs do it, and what is left afterwards: nothing. */
class SimulatedKernelTest {
    @ParameterizedTest
    @EnumSource
    void shouldLogADeviceOfAGroup(KernelVersion version) {
        SimulatedKernel kernel = SimulatedKernel.builder(version).build();
        try (Caller c = new Caller(kernel)) {
            int container = c.open("/dev/vfio/vfio");
            int group = c.open("/dev/vfio/0");
            assertEquals(0, c.call(container, Ioctl.VFIO_GET_API_VERSION, 0));
            assertEquals(1, c.call(container, Ioctl.VFIO_CHECK_EXTENSION, Caller.TYPE1V2));
            assertEquals(0, c.setContainer(group, container));
            assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
            int device = c.deviceFd(group, "0000:00:01.0");
            assertTrue(device > 0);
            logAndReport(c, device);
            assertEquals(new Held(3, 3, 0, 0, 0, 0), kernel.held());
            List.of(device, group, container).forEach(fd -> assertEquals(0, c.close(fd)));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void shouldLogADeviceOfItsOwnFile() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            assertEquals(1, c.bind(device, iommufd));
            logAndReport(c, device);
            // In any order: the device keeps the other file open.
            assertEquals(0, c.close(iommufd));
            assertEquals(new Held(1, 2, 0, 1, 0, 0), kernel.held());
            assertEquals(0, c.close(device));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    /** What a device wrote through a page table stays in its log when the device leaves for another. */
    @Test
    void shouldKeepTheDirtOfADeviceThatLeaves() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            int id = c.bind(device, iommufd);
            int ioas = c.ioas(iommufd);
            int first = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            int second = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            assertEquals(0, c.ioasMap(iommufd, ioas, 0, c.pages(64)));
            assertEquals(first, c.attach(device, first));
            assertEquals(0, c.setTracking(iommufd, first, 1));
            kernel.deviceWrites(0, 0x1000, 1);
            assertEquals(second, c.attach(device, second));
            kernel.deviceWrites(0, 0x2000, 1);
            MemorySegment bitmap = c.pages(1);
            assertEquals(0, c.getDirty(iommufd, first, 0, 0, 64 * 4096, 4096, bitmap));
            assertEquals(BitSet.valueOf(new long[] {2}), Caller.bits(bitmap));
            bitmap.fill((byte) 0);
            assertEquals(0, c.getDirty(iommufd, second, 0, 0, 64 * 4096, 4096, bitmap));
            assertEquals(new BitSet(), Caller.bits(bitmap), "nobody tracks with the other");
        }
    }

    @Test
    void shouldHaveAnAutomaticPageTableForEachIommu() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(3)
                .behindIommu(2, 1)
                .build();
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int ioas = c.ioas(iommufd);
            int[] tables = new int[3];
            for (int i = 0; i < 3; i++) {
                int device = c.open("/dev/vfio/devices/vfio" + i);
                assertTrue(c.bind(device, iommufd) > 0);
                assertFalse(kernel.reaches(i, 0));
                tables[i] = c.attach(device, ioas);
            }
            assertEquals(tables[0], tables[1]);
            assertNotEquals(tables[0], tables[2]);
            assertEquals(0, c.ioasMap(iommufd, ioas, 0, c.pages(1)));
            assertTrue(kernel.reaches(2, 4095));
            assertFalse(kernel.reaches(2, 4096));
        }
    }

    @Test
    void shouldTellDuplicatesFromFilesOpenedAgain() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        try (Caller c = new Caller(kernel)) {
            int first = c.open("/dev/iommu");
            int duplicate = kernel.duplicate(first);
            int other = c.open("/dev/iommu");
            assertTrue(c.syscalls.sameFile(first, duplicate));
            assertFalse(c.syscalls.sameFile(first, other));
            assertEquals(new Held(3, 2, 0, 0, 0, 0), kernel.held());
            assertEquals(0, c.close(first));
            assertEquals(1, c.ioas(duplicate), "the file is open still");
            int reopened = c.open("/dev/iommu");
            assertEquals(first, reopened, "the same number");
            assertFalse(c.syscalls.sameFile(reopened, duplicate));
            assertFalse(c.syscalls.sameFile(reopened, 1));
            assertEquals(-Errno.EBADF, kernel.duplicate(1));
        }
    }

    /** A group hands out as many descriptors of a device as are asked for. They are different files over one log. */
    @Test
    void shouldLogUntilTheLastFileOfADeviceIsClosed() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        try (Caller c = new Caller(kernel)) {
            int container = c.open("/dev/vfio/vfio");
            int group = c.open("/dev/vfio/0");
            assertEquals(0, c.setContainer(group, container));
            assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
            int first = c.deviceFd(group, kernel.deviceName(0));
            int second = c.deviceFd(group, kernel.deviceName(0));
            assertFalse(c.syscalls.sameFile(first, second));
            assertEquals(0, c.start(first, 4096, 0, 1 << 20));
            assertEquals(-Errno.EINVAL, c.start(second, 4096, 0, 1 << 20), "it logs already");
            assertEquals(1, kernel.held().trackingSessions());
            assertEquals(0, c.close(first));
            kernel.deviceWrites(0, 0x1000, 1);
            MemorySegment bitmap = c.pages(1);
            assertEquals(0, c.report(second, 0, 1 << 20, 4096, bitmap));
            assertEquals(BitSet.valueOf(new long[] {2}), Caller.bits(bitmap));
            assertEquals(0, c.close(second));
            assertEquals(0, kernel.held().trackingSessions());
        }
    }

    @Test
    void shouldDoSomethingBeforeEachCall() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        List<String> calls = new ArrayList<>();
        kernel.beforeEachCall(call -> {
            calls.add(call);
            kernel.deviceWrites(0, calls.size(), 1);
        });
        try (Caller c = new Caller(kernel)) {
            assertEquals(0, c.close(c.open("/dev/iommu")));
            kernel.beforeEachCall(null);
            c.close(1);
        }
        assertEquals(List.of("open /dev/iommu", "close /dev/iommu"), calls);
        assertEquals(List.of(new IovaRange(1, 2)), kernel.written(0));
    }

    private static void logAndReport(Caller c, int device) {
        SimulatedKernel kernel = c.kernel;
        kernel.deviceWrites(0, 0x5000, 1);
        assertEquals(4096, c.startGranting(device, 4096, 0, 1 << 20, 1 << 21, 1 << 20));
        assertEquals(1, kernel.held().trackingSessions());
        kernel.deviceWrites(0, 0x1fff, 2);
        kernel.deviceWrites(0, (1 << 20) - 1, 2);
        MemorySegment bitmap = c.pages(2);
        assertEquals(0, c.report(device, 0, 1 << 20, 4096, bitmap));
        BitSet expected = new BitSet();
        expected.set(1, 3);
        expected.set(255);
        assertEquals(expected, Caller.bits(bitmap));
        bitmap.fill((byte) 0);
        assertEquals(0, c.report(device, 0, 1 << 20, 4096, bitmap));
        assertEquals(new BitSet(), Caller.bits(bitmap));
        assertEquals(0, c.stop(device));
        assertEquals(-Errno.EINVAL, c.report(device, 0, 1 << 20, 4096, bitmap));
        assertEquals(
                List.of(new IovaRange(0x1fff, 2), new IovaRange(0x5000, 1), new IovaRange((1 << 20) - 1, 2)),
                kernel.written(0));
        kernel.forgetWritten(0);
        assertEquals(List.of(), kernel.written(0));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReportAllThatIsMappedInAContainer(KernelVersion version) {
        SimulatedKernel kernel = SimulatedKernel.builder(version).build();
        try (Caller c = new Caller(kernel)) {
            int container = c.open("/dev/vfio/vfio");
            int group = c.open("/dev/vfio/0");
            assertEquals(0, c.setContainer(group, container));
            assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
            assertEquals(0, c.map(container, 0x100000, c.pages(70)));
            assertEquals(0, c.dirty(container, Type1.Dirty.START));
            assertEquals(new Held(2, 2, 1, 0, 1, 70 * 4096), kernel.held());
            MemorySegment bitmap = c.pages(1);
            BitSet all = new BitSet();
            all.set(0, 70);
            for (int i = 0; i < 2; i++) {
                bitmap.fill((byte) 0);
                assertEquals(0, c.dirtyGet(container, 0x100000, 70 * 4096, bitmap));
                assertEquals(all, Caller.bits(bitmap));
            }
            assertEquals(0, c.dirty(container, Type1.Dirty.STOP));
            assertEquals(-Errno.EINVAL, c.dirtyGet(container, 0x100000, 70 * 4096, bitmap));
            assertEquals(70 * 4096, c.unmap(container, 0x100000, 70 * 4096));
            assertEquals(new Held(2, 2, 0, 0, 0, 0), kernel.held());
            assertEquals(0, c.map(container, 0x100000, c.pages(70)));
            // The mappings go with the last group, not with the container's descriptor.
            assertEquals(0, c.close(container));
            assertEquals(new Held(1, 2, 1, 0, 0, 70 * 4096), kernel.held());
            assertEquals(0, c.close(group));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @ParameterizedTest
    @EnumSource
    void shouldReportWhatAnEmulatedDevicePinnedOrWrote(KernelVersion version) {
        SimulatedKernel kernel =
                SimulatedKernel.builder(version).emulatedIommu(0).build();
        try (Caller c = new Caller(kernel)) {
            int container = c.open("/dev/vfio/vfio");
            int group = c.open("/dev/vfio/0");
            assertEquals(0, c.setContainer(group, container));
            assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
            int device = c.deviceFd(group, kernel.deviceName(0));
            assertEquals(0, c.map(container, 0x100000, c.pages(256)));
            kernel.devicePins(0, 0x100000 + 5 * 4096, 3 * 4096);
            assertEquals(3 * 4096, kernel.held().pinnedBytes());
            assertEquals(0, c.dirty(container, Type1.Dirty.START));
            kernel.deviceWrites(0, 0x100000 + 64 * 4096 + 4000, 200);
            MemorySegment bitmap = c.pages(1);
            BitSet expected = new BitSet();
            expected.set(5, 8);
            expected.set(64, 66);
            assertEquals(0, c.dirtyGet(container, 0x100000, 256 * 4096, bitmap));
            assertEquals(expected, Caller.bits(bitmap));
            expected.clear(64, 66);
            assertEquals(0, c.dirtyGet(container, 0x100000, 256 * 4096, bitmap));
            assertEquals(expected, Caller.bits(bitmap), "what is pinned stays dirty, and words are overwritten");
            kernel.deviceUnpins(0, 0x100000 + 5 * 4096, 3 * 4096);
            assertEquals(0, c.dirtyGet(container, 0x100000, 256 * 4096, bitmap));
            assertEquals(expected, Caller.bits(bitmap), "once more, as marked after the last report");
            assertEquals(0, c.dirtyGet(container, 0x100000, 256 * 4096, bitmap));
            assertEquals(new BitSet(), Caller.bits(bitmap));
            List.of(container, group, device).forEach(fd -> assertEquals(0, c.close(fd)));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void shouldReportWhatAPageTableSaw() {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12).build();
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            int id = c.bind(device, iommufd);
            int ioas = c.ioas(iommufd);
            int hwpt = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            assertEquals(hwpt, c.attach(device, hwpt));
            assertEquals(0, c.ioasMap(iommufd, ioas, 0x1000000, c.pages(512)));
            kernel.deviceWrites(0, 0x1000000, 1);
            assertEquals(0, c.setTracking(iommufd, hwpt, 1));
            kernel.deviceWrites(0, 0x1003fff, 2);
            kernel.deviceWrites(0, 0x5000000, 2);
            MemorySegment bitmap = c.pages(1);
            BitSet expected = new BitSet();
            expected.set(3, 5);
            for (int flags : new int[] {Iommufd.GetDirtyBitmap.NO_CLEAR, 0}) {
                bitmap.fill((byte) 0);
                assertEquals(0, c.getDirty(iommufd, hwpt, flags, 0x1000000, 512 * 4096, 4096, bitmap));
                assertEquals(expected, Caller.bits(bitmap));
            }
            bitmap.fill((byte) 0);
            assertEquals(0, c.getDirty(iommufd, hwpt, 0, 0x1000000, 512 * 4096, 4096, bitmap));
            assertEquals(new BitSet(), Caller.bits(bitmap));
            assertEquals(new Held(2, 2, 1, 3, 1, 512 * 4096), kernel.held());
            assertEquals(0, c.setTracking(iommufd, hwpt, 0));
            assertEquals(0, c.getDirty(iommufd, hwpt, 0, 0x1000000, 512 * 4096, 4096, bitmap));
            assertEquals(512 * 4096, c.ioasUnmap(iommufd, ioas, 0x1000000, 512 * 4096));
            assertEquals(0, c.close(device));
            assertEquals(0, c.destroy(iommufd, hwpt));
            assertEquals(0, c.destroy(iommufd, ioas));
            assertEquals(new Held(1, 1, 0, 0, 0, 0), kernel.held());
            assertEquals(0, c.close(iommufd));
        }
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void shouldHaveNoIommufdIn61() {
        try (Caller c = new Caller(SimulatedKernel.builder(KernelVersion.V6_1).build())) {
            assertAll(
                    () -> assertEquals(-Errno.ENOENT, c.open("/dev/iommu")),
                    () -> assertEquals(-Errno.ENOENT, c.open("/dev/vfio/devices/vfio0")),
                    () -> assertEquals(-Errno.ENOENT, c.open("/dev/vfio/1")));
        }
    }
}
