package dev.iovabitmap.vfio.sim;

import static dev.iovabitmap.vfio.sim.ErrnoRow.fails;
import static dev.iovabitmap.vfio.sim.ErrnoRow.ok;
import static dev.iovabitmap.vfio.uapi.Errno.EACCES;
import static dev.iovabitmap.vfio.uapi.Errno.EBADF;
import static dev.iovabitmap.vfio.uapi.Errno.EBUSY;
import static dev.iovabitmap.vfio.uapi.Errno.EEXIST;
import static dev.iovabitmap.vfio.uapi.Errno.EFAULT;
import static dev.iovabitmap.vfio.uapi.Errno.EINVAL;
import static dev.iovabitmap.vfio.uapi.Errno.ENODEV;
import static dev.iovabitmap.vfio.uapi.Errno.ENOENT;
import static dev.iovabitmap.vfio.uapi.Errno.ENOTTY;
import static dev.iovabitmap.vfio.uapi.Errno.EOVERFLOW;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The errnos of groups and containers, row by row, for each version. */
class ContainerErrnoTest {
    private static final int RW = Type1.Map.READ | Type1.Map.WRITE;
    private static final int GET = Type1.Unmap.GET_DIRTY_BITMAP;
    private static final long IOVA = 0x100000;
    private static final long SIZE = 64 * 4096;

    /** A container with a group, and 64 pages mapped. */
    static final class Scene {
        final Caller c;
        final int container;
        final int group;
        final MemorySegment target;
        final MemorySegment bitmap;

        Scene(Caller c) {
            this.c = c;
            container = c.open("/dev/vfio/vfio");
            group = c.open("/dev/vfio/0");
            assertEquals(0, c.setContainer(group, container));
            assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
            target = c.pages(64);
            bitmap = c.pages(1);
            assertEquals(0, c.map(container, IOVA, target));
        }

        Scene tracking() {
            assertEquals(0, c.dirty(container, Type1.Dirty.START));
            return this;
        }

        int map(long flags, long vaddr, long iova, long size) {
            return c.call(container, Ioctl.VFIO_IOMMU_MAP_DMA, c.mapStruct(flags, vaddr, iova, size), target);
        }

        int get(long iova, long size, long pgsize, long bitmapSize, long data) {
            MemorySegment get = c.dirtyGetStruct(iova, size, pgsize, bitmapSize, data);
            return c.call(container, Ioctl.VFIO_IOMMU_DIRTY_PAGES, get, bitmap);
        }

        int unmap(long flags, long iova, long size, long pgsize, long bitmapSize, long data) {
            MemorySegment unmap = c.unmapStruct(flags, iova, size, pgsize, bitmapSize, data);
            return c.call(container, Ioctl.VFIO_IOMMU_UNMAP_DMA, unmap, bitmap);
        }

        int unmap(long flags, long iova, long size) {
            return unmap(flags, iova, size, 4096, 8, bitmap.address());
        }

        long with(Ioctl request, MemorySegment struct, long argsz) {
            Type1.Map.ARGSZ.set(struct, argsz);
            return c.call(container, request, struct, bitmap);
        }
    }

    private static final List<ErrnoRow<Scene>> GROUPS = List.of(
            fails(EINVAL, "SET_CONTAINER twice", s -> s.c.setContainer(s.group, s.container)),
            fails(EBADF, "SET_CONTAINER to no file", s -> s.c.setContainer(s.c.open("/dev/vfio/1"), 1)),
            fails(EINVAL, "SET_CONTAINER to -1", s -> s.c.setContainer(s.c.open("/dev/vfio/1"), -1)),
            fails(EINVAL, "SET_CONTAINER to a group", s -> s.c.setContainer(s.c.open("/dev/vfio/1"), s.group)),
            fails(EFAULT, "SET_CONTAINER to a number", s -> s.c.call(s.group, Ioctl.VFIO_GROUP_SET_CONTAINER, 3)),
            ok("UNSET_CONTAINER", s -> s.c.call(s.group, Ioctl.VFIO_GROUP_UNSET_CONTAINER, 0)),
            fails(
                    EINVAL,
                    "UNSET_CONTAINER of none",
                    s -> s.c.call(s.c.open("/dev/vfio/1"), Ioctl.VFIO_GROUP_UNSET_CONTAINER, 0)),
            fails(EBUSY, "UNSET_CONTAINER with an open device", s -> {
                s.c.deviceFd(s.group, s.c.kernel.deviceName(0));
                return s.c.call(s.group, Ioctl.VFIO_GROUP_UNSET_CONTAINER, 0);
            }),
            fails(ENODEV, "GET_DEVICE_FD of another", s -> s.c.deviceFd(s.group, "0000:00:02.0")),
            fails(
                    EINVAL,
                    "GET_DEVICE_FD without container",
                    s -> s.c.deviceFd(s.c.open("/dev/vfio/1"), s.c.kernel.deviceName(1))),
            fails(
                    EFAULT,
                    "GET_DEVICE_FD without end",
                    s -> s.c.call(
                            s.group,
                            Ioctl.VFIO_GROUP_GET_DEVICE_FD,
                            s.c.arena.allocate(4).fill((byte) 'a'))),
            fails(
                    EINVAL,
                    "GET_STATUS with argsz 7",
                    s -> s.c.call(
                            s.group,
                            Ioctl.VFIO_GROUP_GET_STATUS,
                            s.c.struct(8, x -> Type1.GroupStatus.ARGSZ.set(x, 7)))),
            fails(ENOTTY, "another ioctl on a group", s -> s.c.call(s.group, Ioctl.IOMMU_DESTROY, 0)),
            fails(EBUSY, "a group whose descriptor is closed but whose device is open", s -> {
                s.c.deviceFd(s.group, s.c.kernel.deviceName(0));
                assertEquals(0, s.c.close(s.group));
                return s.c.open("/dev/vfio/0");
            }),
            fails(EINVAL, "SET_IOMMU twice", s -> s.c.call(s.container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2)),
            fails(
                    EINVAL,
                    "SET_IOMMU without a group",
                    s -> s.c.call(s.c.open("/dev/vfio/vfio"), Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2)),
            fails(ENODEV, "SET_IOMMU to an unknown one", s -> {
                int other = s.c.open("/dev/vfio/vfio");
                assertEquals(0, s.c.setContainer(s.c.open("/dev/vfio/1"), other));
                return s.c.call(other, Ioctl.VFIO_SET_IOMMU, 99);
            }),
            ok("CHECK_EXTENSION of an unknown one", s -> s.c.call(s.container, Ioctl.VFIO_CHECK_EXTENSION, 99)),
            fails(EINVAL, "MAP_DMA without an IOMMU", s -> s.c.map(s.c.open("/dev/vfio/vfio"), IOVA, s.target)),
            fails(ENOTTY, "another ioctl on a container", s -> s.c.call(s.container, Ioctl.IOMMU_DESTROY, 0)),
            fails(
                    EINVAL,
                    "GET_INFO with argsz 15",
                    s -> s.with(Ioctl.VFIO_IOMMU_GET_INFO, s.c.struct(24, x -> {}), 15)),
            ok(
                    "GET_INFO with room for the start alone",
                    s -> s.with(Ioctl.VFIO_IOMMU_GET_INFO, s.c.struct(24, x -> {}), 16)),
            fails(EBADF, "close of nothing", s -> s.c.close(1)));

    private static final List<ErrnoRow<Scene>> MAPPING = List.of(
            ok("MAP_DMA", s -> s.map(RW, s.target.address(), 0, SIZE)),
            fails(
                    EINVAL,
                    "MAP_DMA with argsz 31",
                    s -> s.with(Ioctl.VFIO_IOMMU_MAP_DMA, s.c.mapStruct(RW, s.target.address(), 0, SIZE), 31)),
            fails(EINVAL, "MAP_DMA with unknown flags", s -> s.map(RW | 8, s.target.address(), 0, SIZE)),
            fails(EINVAL, "MAP_DMA neither to read nor to write", s -> s.map(0, s.target.address(), 0, SIZE)),
            fails(EINVAL, "MAP_DMA to read and with VADDR", s -> s.map(RW | 4, s.target.address(), 0, SIZE)),
            fails(EINVAL, "MAP_DMA of nothing", s -> s.map(RW, s.target.address(), 0, 0)),
            fails(EINVAL, "MAP_DMA of half a page", s -> s.map(RW, s.target.address(), 0, 2048)),
            fails(EINVAL, "MAP_DMA at half a page", s -> s.map(RW, s.target.address(), 2048, 4096)),
            fails(EINVAL, "MAP_DMA of memory at half a page", s -> s.map(RW, s.target.address() + 2048, 0, 4096)),
            fails(EEXIST, "MAP_DMA over another", s -> s.map(RW, s.target.address(), IOVA + 4096, 4096)),
            fails(EINVAL, "MAP_DMA outside the IOMMU's addresses", s -> s.map(RW, s.target.address(), 1L << 48, 4096)),
            fails(EFAULT, "MAP_DMA of memory that is not there", s -> s.map(RW, 0x10000, 0, 4096)),
            fails(EEXIST, "MAP_DMA over another of no memory", s -> s.map(RW, 0x10000, IOVA, 4096)),
            fails(ENOENT, "MAP_DMA with VADDR of nothing", s -> s.map(4, s.target.address(), 0, 4096)),
            fails(EINVAL, "MAP_DMA with VADDR of a valid one", s -> s.map(4, s.target.address(), IOVA, SIZE)),
            fails(
                    EINVAL,
                    "MAP_DMA of too many pages while tracking",
                    s -> s.tracking().map(RW, 0, 1L << 40, 1L << 43)),
            ok("UNMAP_DMA", s -> s.unmap(0, IOVA, SIZE)),
            ok("UNMAP_DMA of nothing there", s -> s.unmap(0, 0, 4096)),
            ok("UNMAP_DMA of all", s -> s.unmap(Type1.Unmap.ALL, 0, 0)),
            fails(EINVAL, "UNMAP_DMA of all in a range", s -> s.unmap(Type1.Unmap.ALL, 0, 4096)),
            fails(
                    EINVAL,
                    "UNMAP_DMA with argsz 23",
                    s -> s.with(Ioctl.VFIO_IOMMU_UNMAP_DMA, s.c.unmapStruct(0, IOVA, SIZE, 0, 0, 0), 23)),
            fails(EINVAL, "UNMAP_DMA with unknown flags", s -> s.unmap(8, IOVA, SIZE)),
            fails(EINVAL, "UNMAP_DMA at half a page", s -> s.unmap(0, IOVA + 2048, 4096)),
            fails(EINVAL, "UNMAP_DMA of half a page", s -> s.unmap(0, IOVA, 2048)),
            fails(EINVAL, "UNMAP_DMA of no size", s -> s.unmap(0, IOVA, 0)),
            fails(EINVAL, "UNMAP_DMA of a mapping's end", s -> s.unmap(0, IOVA + 4096, SIZE - 4096)),
            fails(EINVAL, "UNMAP_DMA of a mapping's start", s -> s.unmap(0, IOVA, 4096)),
            ok("UNMAP_DMA with bits", s -> s.tracking().unmap(GET, IOVA, SIZE)),
            fails(EINVAL, "UNMAP_DMA with bits while nothing is tracked", s -> s.unmap(GET, IOVA, SIZE)),
            fails(EINVAL, "UNMAP_DMA with bits of all", s -> s.tracking().unmap(GET | 2, 0, 0)),
            fails(EINVAL, "UNMAP_DMA with bits and VADDR", s -> s.tracking().unmap(GET | 4, IOVA, SIZE)),
            fails(
                    EINVAL,
                    "UNMAP_DMA with bits with argsz 47",
                    s -> s.tracking()
                            .with(
                                    Ioctl.VFIO_IOMMU_UNMAP_DMA,
                                    s.c.unmapStruct(GET, IOVA, SIZE, 4096, 8, s.bitmap.address()),
                                    47)),
            fails(
                    EINVAL,
                    "UNMAP_DMA with bits by 8192",
                    s -> s.tracking().unmap(GET, IOVA, SIZE, 8192, 8, s.bitmap.address())),
            fails(
                    EINVAL,
                    "UNMAP_DMA with bits into too little",
                    s -> s.tracking().unmap(GET, IOVA, SIZE, 4096, 7, s.bitmap.address())),
            fails(
                    EINVAL,
                    "UNMAP_DMA with bits into the kernel",
                    s -> s.tracking().unmap(GET, IOVA, SIZE, 4096, 8, -4096)),
            fails(EFAULT, "UNMAP_DMA with bits to elsewhere", s -> s.tracking().unmap(GET, IOVA, SIZE, 4096, 8, 0x10)));

    private static final List<ErrnoRow<Scene>> DIRTY_PAGES = List.of(
            ok("START", s -> s.c.dirty(s.container, Type1.Dirty.START)),
            ok("START twice", s -> s.tracking().c.dirty(s.container, Type1.Dirty.START)),
            ok("STOP", s -> s.tracking().c.dirty(s.container, Type1.Dirty.STOP)),
            ok("STOP of nothing", s -> s.c.dirty(s.container, Type1.Dirty.STOP)),
            fails(EACCES, "START in a container of type1, version 1", s -> {
                int other = s.c.open("/dev/vfio/vfio");
                assertEquals(0, s.c.setContainer(s.c.open("/dev/vfio/1"), other));
                assertEquals(0, s.c.call(other, Ioctl.VFIO_SET_IOMMU, 1));
                return s.c.dirty(other, Type1.Dirty.START);
            }),
            fails(
                    EINVAL,
                    "argsz 7",
                    s -> s.with(
                            Ioctl.VFIO_IOMMU_DIRTY_PAGES,
                            s.c.struct(8, x -> Type1.Dirty.FLAGS.set(x, Type1.Dirty.START)),
                            7)),
            fails(EINVAL, "unknown flags", s -> s.c.dirty(s.container, 8)),
            fails(EINVAL, "START and STOP", s -> s.c.dirty(s.container, 3)),
            fails(EFAULT, "a number for a struct", s -> s.c.call(s.container, Ioctl.VFIO_IOMMU_DIRTY_PAGES, 0)),
            fails(
                    EINVAL,
                    "GET_BITMAP with argsz 47",
                    s -> s.tracking()
                            .with(
                                    Ioctl.VFIO_IOMMU_DIRTY_PAGES,
                                    s.c.dirtyGetStruct(IOVA, SIZE, 4096, 8, s.bitmap.address()),
                                    47)),
            ok("GET_BITMAP", s -> s.tracking().get(IOVA, SIZE, 4096, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP into the kernel", s -> s.tracking().get(IOVA, SIZE, 4096, 8, -4096)),
            fails(EINVAL, "GET_BITMAP of nothing", s -> s.tracking().get(IOVA, 0, 4096, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP into nothing", s -> s.tracking().get(IOVA, SIZE, 4096, 0, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP into too little", s -> s.tracking().get(IOVA, SIZE, 4096, 7, s.bitmap.address())),
            fails(
                    EINVAL,
                    "GET_BITMAP into more than 256 MiB",
                    s -> s.tracking().get(IOVA, SIZE, 4096, (256L << 20) + 8, s.bitmap.address())),
            ok("GET_BITMAP into 256 MiB", s -> s.tracking().get(IOVA, SIZE, 4096, 256L << 20, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP by 8192", s -> s.tracking().get(IOVA, SIZE, 8192, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP by 2048", s -> s.tracking().get(IOVA, SIZE, 2048, 16, s.bitmap.address())),
            fails(
                    EINVAL,
                    "GET_BITMAP at half a page",
                    s -> s.tracking().get(IOVA + 2048, SIZE, 4096, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP of half pages", s -> s.tracking().get(IOVA, 6144, 4096, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP while nothing is tracked", s -> s.get(IOVA, SIZE, 4096, 8, s.bitmap.address())),
            fails(
                    EINVAL,
                    "GET_BITMAP of a mapping's start",
                    s -> s.tracking().get(IOVA, 4096, 4096, 8, s.bitmap.address())),
            fails(
                    EINVAL,
                    "GET_BITMAP of a mapping's end",
                    s -> s.tracking().get(IOVA + 4096, SIZE - 4096, 4096, 8, s.bitmap.address())),
            ok(
                    "GET_BITMAP with holes around",
                    s -> s.tracking().get(IOVA - 64 * 4096, 3 * SIZE, 4096, 24, s.bitmap.address())),
            fails(EFAULT, "GET_BITMAP to elsewhere", s -> s.tracking().get(IOVA, SIZE, 4096, 8, 0x10)),
            ok("GET_BITMAP of nothing mapped to elsewhere", s -> s.tracking().get(0, SIZE, 4096, 8, 0x10)));

    /** What wraps, where the kernel computes ends that are exclusive. */
    private static final List<ErrnoRow<Scene>> BEFORE_6_18 = List.of(
            fails(EINVAL, "MAP_DMA over the top", s -> s.map(RW, s.target.address(), -4096, 8192)),
            fails(EINVAL, "MAP_DMA of memory over the top", s -> s.map(RW, -4096, 0, 8192)),
            fails(EINVAL, "UNMAP_DMA over the top", s -> s.unmap(0, -4096, 8192)),
            fails(EINVAL, "GET_BITMAP over the top", s -> s.tracking().get(-4096, 8192, 4096, 8, s.bitmap.address())),
            fails(EINVAL, "GET_BITMAP up to the top", s -> s.tracking().get(-4096, 4096, 4096, 8, s.bitmap.address())));

    /** What wraps, where it computes last addresses. */
    private static final List<ErrnoRow<Scene>> FROM_6_18 = List.of(
            fails(EOVERFLOW, "MAP_DMA over the top", s -> s.map(RW, s.target.address(), -4096, 8192)),
            fails(EOVERFLOW, "MAP_DMA of memory over the top", s -> s.map(RW, -4096, 0, 8192)),
            fails(EOVERFLOW, "MAP_DMA over the top, of half a page", s -> s.map(RW, s.target.address(), -4096, 6144)),
            fails(EOVERFLOW, "MAP_DMA over the top, without access", s -> s.map(0, s.target.address(), -4096, 8192)),
            fails(EINVAL, "MAP_DMA over the top, with unknown flags", s -> s.map(8, s.target.address(), -4096, 8192)),
            fails(EINVAL, "MAP_DMA outside of the IOMMU, up to the top", s -> s.map(RW, 0, -4096, 4096)),
            fails(EOVERFLOW, "UNMAP_DMA over the top", s -> s.unmap(0, -4096, 8192)),
            fails(EINVAL, "UNMAP_DMA over the top of half a page", s -> s.unmap(0, -4096, 6144)),
            ok("UNMAP_DMA of nothing, up to the top", s -> s.unmap(0, -4096, 4096)),
            fails(
                    EOVERFLOW,
                    "UNMAP_DMA over the top with bits by 8192",
                    s -> s.tracking().unmap(GET, -8192, 16384, 8192, 8, s.bitmap.address())),
            fails(
                    EOVERFLOW,
                    "GET_BITMAP over the top",
                    s -> s.tracking().get(-4096, 8192, 4096, 8, s.bitmap.address())),
            fails(
                    EOVERFLOW,
                    "GET_BITMAP over the top into the kernel",
                    s -> s.tracking().get(-4096, 8192, 4096, 8, -4096)),
            ok("GET_BITMAP up to the top", s -> s.tracking().get(-4096, 4096, 4096, 8, s.bitmap.address())));

    static Stream<Arguments> rows() {
        return Arrays.stream(KernelVersion.values())
                .flatMap(version -> Stream.of(
                                GROUPS, MAPPING, DIRTY_PAGES, version.type1ReachesTheTop() ? FROM_6_18 : BEFORE_6_18)
                        .flatMap(List::stream)
                        .map(row -> Arguments.of(version, row)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldAnswer(KernelVersion version, ErrnoRow<Scene> row) {
        SimulatedKernel kernel = SimulatedKernel.builder(version).devices(2).build();
        try (Caller c = new Caller(kernel)) {
            assertEquals(row.result(), row.call().applyAsLong(new Scene(c)));
        }
    }

    /** Before 6.18 a mapping at the top can be made, and then is there for nobody. */
    @ParameterizedTest
    @EnumSource
    void shouldReachTheTopFrom618On(KernelVersion version) {
        SimulatedKernel kernel =
                SimulatedKernel.builder(version).emulatedIommu(0).build();
        boolean reaches = version.type1ReachesTheTop();
        try (Caller c = new Caller(kernel)) {
            Scene s = new Scene(c);
            c.deviceFd(s.group, kernel.deviceName(0));
            assertEquals(0, s.map(RW, s.target.address(), -SIZE, SIZE));
            assertEquals(-EEXIST, s.map(RW, s.target.address(), -SIZE, SIZE));
            assertEquals(reaches, kernel.reaches(0, -1));
            s.tracking();
            kernel.deviceWrites(0, -1, 1);
            assertEquals(reaches ? 0 : -EINVAL, s.get(-SIZE, SIZE, 4096, 8, s.bitmap.address()));
            assertEquals(reaches, Caller.bits(s.bitmap).get(63));
            assertEquals(reaches ? SIZE : 0, c.unmap(s.container, -SIZE, SIZE));
            assertEquals(reaches ? 1 : 2, kernel.held().mappings());
        }
    }
}
