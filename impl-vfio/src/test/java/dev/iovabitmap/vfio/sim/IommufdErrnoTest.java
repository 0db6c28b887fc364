package dev.iovabitmap.vfio.sim;

import static dev.iovabitmap.vfio.sim.ErrnoRow.fails;
import static dev.iovabitmap.vfio.sim.ErrnoRow.ok;
import static dev.iovabitmap.vfio.uapi.Errno.E2BIG;
import static dev.iovabitmap.vfio.uapi.Errno.EADDRINUSE;
import static dev.iovabitmap.vfio.uapi.Errno.EBUSY;
import static dev.iovabitmap.vfio.uapi.Errno.EEXIST;
import static dev.iovabitmap.vfio.uapi.Errno.EFAULT;
import static dev.iovabitmap.vfio.uapi.Errno.EINVAL;
import static dev.iovabitmap.vfio.uapi.Errno.EMSGSIZE;
import static dev.iovabitmap.vfio.uapi.Errno.ENOENT;
import static dev.iovabitmap.vfio.uapi.Errno.ENOTTY;
import static dev.iovabitmap.vfio.uapi.Errno.EOPNOTSUPP;
import static dev.iovabitmap.vfio.uapi.Errno.EOVERFLOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.vfio.uapi.Field;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The errnos of IOMMUFD, row by row. */
class IommufdErrnoTest {
    private static final long IOVA = 0x1000000;
    private static final long SIZE = 64 * 4096;
    private static final int TRACK = Iommufd.HwptAlloc.DIRTY_TRACKING;

    /** A bound and attached device, an address space with 64 pages, and page tables with and without tracking. */
    static final class Scene {
        final Caller c;
        final int iommufd;
        final int device;
        final int id;
        final int incapable;
        final int incapableId;
        final int ioas;
        final int hwpt;
        final int plain;
        final MemorySegment target;
        final MemorySegment bitmap;

        Scene(Caller c) {
            this.c = c;
            iommufd = c.open("/dev/iommu");
            device = c.open("/dev/vfio/devices/vfio0");
            id = c.bind(device, iommufd);
            incapable = c.open("/dev/vfio/devices/vfio1");
            incapableId = c.bind(incapable, iommufd);
            ioas = c.ioas(iommufd);
            hwpt = c.hwpt(iommufd, id, ioas, TRACK);
            plain = c.hwpt(iommufd, id, ioas, 0);
            target = c.pages(64);
            bitmap = c.pages(1);
            assertEquals(hwpt, c.attach(device, hwpt));
            assertEquals(0, c.ioasMap(iommufd, ioas, IOVA, target));
            assertEquals(0, c.setTracking(iommufd, hwpt, 1));
        }

        int map(int space, long flags, long userVa, long length, long iova) {
            return c.call(iommufd, Ioctl.IOMMU_IOAS_MAP, c.ioasMapStruct(space, flags, userVa, length, iova), target);
        }

        int map(long flags, long length, long iova) {
            return map(ioas, flags, target.address(), length, iova);
        }

        int get(int table, long flags, long iova, long length, long pageSize) {
            return c.getDirty(iommufd, table, flags, iova, length, pageSize, bitmap);
        }

        int get(long iova, long length, long pageSize) {
            return get(hwpt, 0, iova, length, pageSize);
        }

        /** A command of a size in which one field has a value. */
        int send(Ioctl request, long size, Field field, long value) {
            return c.call(iommufd, request, c.struct(Math.max(size, 64), s -> {
                s.set(java.lang.foreign.ValueLayout.JAVA_INT, 0, (int) size);
                field.set(s, value);
            }));
        }

        int sent(Ioctl request, MemorySegment struct, Field field, long value) {
            field.set(struct, value);
            return c.call(iommufd, request, struct, bitmap);
        }

        int option(long option, long op, long object, long value) {
            return option(option, op, object, value, 0);
        }

        int option(long option, long op, long object, long value, long reserved) {
            return c.call(iommufd, Ioctl.IOMMU_OPTION, c.struct(24, x -> {
                Iommufd.Option.SIZE.set(x, 24);
                Iommufd.Option.OPTION_ID.set(x, option);
                Iommufd.Option.OP.set(x, op);
                Iommufd.Option.RESERVED.set(x, reserved);
                Iommufd.Option.OBJECT_ID.set(x, object);
                Iommufd.Option.VAL64.set(x, value);
            }));
        }

        int ranges(long room, long address) {
            return c.call(
                    iommufd,
                    Ioctl.IOMMU_IOAS_IOVA_RANGES,
                    c.struct(32, s -> {
                        Iommufd.IovaRanges.SIZE.set(s, 32);
                        Iommufd.IovaRanges.IOAS_ID.set(s, ioas);
                        Iommufd.IovaRanges.NUM_IOVAS.set(s, room);
                        Iommufd.IovaRanges.ALLOWED_IOVAS.set(s, address);
                    }),
                    bitmap);
        }

        int info(long flags, long dev, long length, long address) {
            return c.call(
                    iommufd,
                    Ioctl.IOMMU_GET_HW_INFO,
                    c.struct(40, s -> {
                        Iommufd.HwInfo.SIZE.set(s, 40);
                        Iommufd.HwInfo.FLAGS.set(s, flags);
                        Iommufd.HwInfo.DEV_ID.set(s, dev);
                        Iommufd.HwInfo.DATA_LEN.set(s, length);
                        Iommufd.HwInfo.DATA_UPTR.set(s, address);
                    }),
                    bitmap);
        }

        int alloc(Field field, long value) {
            return c.call(iommufd, Ioctl.IOMMU_HWPT_ALLOC, c.struct(48, s -> {
                Iommufd.HwptAlloc.SIZE.set(s, 48);
                Iommufd.HwptAlloc.DEV_ID.set(s, id);
                Iommufd.HwptAlloc.PT_ID.set(s, ioas);
                field.set(s, value);
            }));
        }
    }

    private static final List<ErrnoRow<Scene>> OBJECTS = List.of(
            fails(ENOTTY, "another ioctl", s -> s.c.call(s.iommufd, Ioctl.VFIO_SET_IOMMU, 1)),
            fails(EFAULT, "a number for a struct", s -> s.c.call(s.iommufd, Ioctl.IOMMU_DESTROY, 0)),
            fails(EINVAL, "DESTROY of size 7", s -> s.send(Ioctl.IOMMU_DESTROY, 7, Iommufd.Destroy.ID, 1)),
            fails(
                    E2BIG,
                    "DESTROY with an unknown tail",
                    s -> s.sent(
                            Ioctl.IOMMU_DESTROY,
                            s.c.struct(16, x -> x.set(java.lang.foreign.ValueLayout.JAVA_INT, 12, 1)),
                            Iommufd.Destroy.SIZE,
                            16)),
            fails(ENOENT, "DESTROY with an empty tail", s -> s.send(Ioctl.IOMMU_DESTROY, 64, Iommufd.Destroy.ID, 99)),
            fails(ENOENT, "DESTROY of nothing", s -> s.c.destroy(s.iommufd, 99)),
            fails(EBUSY, "DESTROY of a bound device", s -> s.c.destroy(s.iommufd, s.id)),
            fails(EBUSY, "DESTROY of an address space with page tables", s -> s.c.destroy(s.iommufd, s.ioas)),
            fails(EBUSY, "DESTROY of a page table with a device", s -> s.c.destroy(s.iommufd, s.hwpt)),
            ok("DESTROY of a page table without", s -> s.c.destroy(s.iommufd, s.plain)),
            fails(EINVAL, "IOAS_ALLOC of size 11", s -> s.send(Ioctl.IOMMU_IOAS_ALLOC, 11, Iommufd.IoasAlloc.FLAGS, 0)),
            fails(
                    EOPNOTSUPP,
                    "IOAS_ALLOC with flags",
                    s -> s.send(Ioctl.IOMMU_IOAS_ALLOC, 12, Iommufd.IoasAlloc.FLAGS, 1)),
            ok("IOVA_RANGES", s -> s.ranges(1, s.bitmap.address())),
            fails(EMSGSIZE, "IOVA_RANGES into nothing", s -> s.ranges(0, 0)),
            fails(EFAULT, "IOVA_RANGES to elsewhere", s -> s.ranges(1, 0x10)),
            fails(
                    ENOENT,
                    "IOVA_RANGES of nothing",
                    s -> s.send(Ioctl.IOMMU_IOAS_IOVA_RANGES, 32, Iommufd.IovaRanges.IOAS_ID, 99)),
            fails(
                    ENOENT,
                    "IOVA_RANGES of a device",
                    s -> s.send(Ioctl.IOMMU_IOAS_IOVA_RANGES, 32, Iommufd.IovaRanges.IOAS_ID, s.id)),
            fails(
                    EOPNOTSUPP,
                    "IOVA_RANGES with something reserved",
                    s -> s.send(Ioctl.IOMMU_IOAS_IOVA_RANGES, 32, Iommufd.IovaRanges.RESERVED, 1)),
            fails(
                    EINVAL,
                    "IOVA_RANGES of size 31",
                    s -> s.send(Ioctl.IOMMU_IOAS_IOVA_RANGES, 31, Iommufd.IovaRanges.IOAS_ID, s.ioas)),
            fails(EOPNOTSUPP, "OPTION that is unknown", s -> s.option(7, 0, s.ioas, 0)),
            fails(EOPNOTSUPP, "OPTION with reserved", s -> s.option(1, 0, s.ioas, 0, 1)),
            fails(ENOENT, "OPTION of nothing", s -> s.option(1, 0, 77, 0)),
            fails(ENOENT, "OPTION of a device", s -> s.option(1, 0, s.id, 0)),
            fails(EOPNOTSUPP, "OPTION neither got nor set", s -> s.option(1, 2, s.ioas, 0)),
            fails(EINVAL, "OPTION of another value", s -> s.option(1, 0, s.ioas, 2)),
            fails(EINVAL, "OPTION of small pages where page tables have large ones", s -> s.option(1, 0, s.ioas, 0)),
            ok("OPTION of small pages before something is mapped", s -> s.option(1, 0, s.c.ioas(s.iommufd), 0)),
            ok("OPTION that is got", s -> s.option(1, 1, s.ioas, 0)),
            ok("OPTION of large pages", s -> s.option(1, 0, s.ioas, 1)),
            fails(EINVAL, "ATTACH to a page table of another IOMMU", s -> {
                int other = s.c.open("/dev/vfio/devices/vfio2");
                assertTrue(s.c.bind(other, s.iommufd) > 0);
                return s.c.attach(other, s.plain);
            }),
            ok("ATTACH to an address space that a page table of another IOMMU is of", s -> {
                int other = s.c.open("/dev/vfio/devices/vfio2");
                assertTrue(s.c.bind(other, s.iommufd) > 0);
                return Math.min(s.c.attach(other, s.ioas), 0);
            }),
            fails(EOPNOTSUPP, "HWPT_ALLOC that tracks behind an IOMMU that cannot", s -> {
                int other = s.c.open("/dev/vfio/devices/vfio2");
                return s.c.hwpt(s.iommufd, s.c.bind(other, s.iommufd), s.ioas, TRACK);
            }),
            ok("GET_HW_INFO", s -> s.info(0, s.id, 0, 0)),
            ok("GET_HW_INFO with data", s -> s.info(0, s.id, 64, s.bitmap.address())),
            fails(EFAULT, "GET_HW_INFO with data elsewhere", s -> s.info(0, s.id, 64, 0x10)),
            fails(EOPNOTSUPP, "GET_HW_INFO with flags", s -> s.info(1, s.id, 0, 0)),
            fails(ENOENT, "GET_HW_INFO of an address space", s -> s.info(0, s.ioas, 0, 0)),
            ok("HWPT_ALLOC", s -> s.alloc(Iommufd.HwptAlloc.FLAGS, TRACK)),
            fails(ENOENT, "HWPT_ALLOC for no device", s -> s.alloc(Iommufd.HwptAlloc.DEV_ID, 99)),
            fails(EINVAL, "HWPT_ALLOC over nothing", s -> s.alloc(Iommufd.HwptAlloc.PT_ID, 99)),
            fails(EOPNOTSUPP, "HWPT_ALLOC with unknown flags", s -> s.alloc(Iommufd.HwptAlloc.FLAGS, 1 << 9)),
            fails(EOPNOTSUPP, "HWPT_ALLOC with something reserved", s -> s.alloc(Iommufd.HwptAlloc.RESERVED, 1)),
            fails(EINVAL, "HWPT_ALLOC with a type and no data", s -> s.alloc(Iommufd.HwptAlloc.DATA_TYPE, 1)),
            fails(EINVAL, "HWPT_ALLOC with data and no type", s -> s.alloc(Iommufd.HwptAlloc.DATA_LEN, 8)),
            fails(EOPNOTSUPP, "HWPT_ALLOC to track without the capability", s ->
                    (long) s.c.hwpt(s.iommufd, s.incapableId, s.ioas, TRACK)),
            fails(EINVAL, "ATTACH of a device without the capability", s -> s.c.attach(s.incapable, s.hwpt)),
            fails(EFAULT, "HWPT_ALLOC over memory that is not there", s -> {
                int space = s.c.ioas(s.iommufd);
                assertEquals(0, s.map(space, 7, 0x10000, 4096, 0));
                return s.c.hwpt(s.iommufd, s.id, space, TRACK);
            }),
            fails(EADDRINUSE, "HWPT_ALLOC over mappings that the IOMMU has no addresses for", s -> {
                int space = s.c.ioas(s.iommufd);
                assertEquals(0, s.map(space, 7, s.target.address(), 4096, 1L << 50));
                return s.c.hwpt(s.iommufd, s.id, space, TRACK);
            }));

    private static final List<ErrnoRow<Scene>> MAPPING = List.of(
            ok("MAP", s -> s.map(7, SIZE, 0)),
            ok("MAP anywhere", s -> s.map(6, SIZE, 0)),
            fails(EOPNOTSUPP, "MAP with unknown flags", s -> s.map(8 | 7, SIZE, 0)),
            fails(
                    EOPNOTSUPP,
                    "MAP with something reserved",
                    s -> s.sent(
                            Ioctl.IOMMU_IOAS_MAP,
                            s.c.ioasMapStruct(s.ioas, 7, s.target.address(), SIZE, 0),
                            Iommufd.IoasMap.RESERVED,
                            1)),
            fails(EOVERFLOW, "MAP at 2^64 - 1", s -> s.map(7, SIZE, -1)),
            fails(EOVERFLOW, "MAP of 2^64 - 1", s -> s.map(7, -1, 0)),
            fails(EINVAL, "MAP neither to read nor to write", s -> s.map(1, SIZE, 0)),
            fails(EOVERFLOW, "MAP at 2^64 - 1 neither to read nor to write", s -> s.map(1, SIZE, -1)),
            fails(ENOENT, "MAP into nothing", s -> s.map(99, 7, s.target.address(), SIZE, 0)),
            fails(EINVAL, "MAP of nothing", s -> s.map(7, 0, 0)),
            fails(EINVAL, "MAP of half a page", s -> s.map(7, 2048, 0)),
            fails(EINVAL, "MAP at half a page", s -> s.map(7, 4096, 2048)),
            fails(EINVAL, "MAP of memory at half a page", s -> s.map(s.ioas, 7, s.target.address() + 2048, 4096, 0)),
            fails(EOVERFLOW, "MAP over the top", s -> s.map(7, 8192, -4096)),
            fails(EINVAL, "MAP outside the IOMMU's addresses", s -> s.map(7, 4096, 1L << 48)),
            fails(EEXIST, "MAP over another", s -> s.map(7, 4096, IOVA + 4096)),
            fails(EFAULT, "MAP of memory that is not there", s -> s.map(s.ioas, 7, 0x10000, 4096, 0)),
            ok("MAP of memory that is not there, for no IOMMU", s -> s.map(s.c.ioas(s.iommufd), 7, 0x10000, 4096, 0)),
            fails(EINVAL, "MAP of size 39", s -> s.send(Ioctl.IOMMU_IOAS_MAP, 39, Iommufd.IoasMap.FLAGS, 7)),
            ok("UNMAP", s -> s.c.ioasUnmap(s.iommufd, s.ioas, IOVA, SIZE) - SIZE),
            ok("UNMAP of all", s -> s.c.ioasUnmap(s.iommufd, s.ioas, 0, -1) - SIZE),
            fails(ENOENT, "UNMAP of nothing there", s -> s.c.ioasUnmap(s.iommufd, s.ioas, 0, 4096)),
            fails(ENOENT, "UNMAP of a mapping's start", s -> s.c.ioasUnmap(s.iommufd, s.ioas, IOVA, 4096)),
            fails(ENOENT, "UNMAP of a mapping's end", s -> s.c.ioasUnmap(s.iommufd, s.ioas, IOVA + 4096, SIZE)),
            fails(EINVAL, "UNMAP of length 0", s -> s.c.ioasUnmap(s.iommufd, s.ioas, IOVA, 0)),
            fails(EOVERFLOW, "UNMAP over the top", s -> s.c.ioasUnmap(s.iommufd, s.ioas, -4096, 8192)),
            fails(EOVERFLOW, "UNMAP at 2^64 - 1", s -> s.c.ioasUnmap(s.iommufd, s.ioas, -1, 1)),
            fails(ENOENT, "UNMAP of no address space", s -> s.c.ioasUnmap(s.iommufd, 99, IOVA, SIZE)));

    private static final List<ErrnoRow<Scene>> DIRTY = List.of(
            ok("SET on again", s -> s.c.setTracking(s.iommufd, s.hwpt, 1)),
            ok("SET off", s -> s.c.setTracking(s.iommufd, s.hwpt, 0)),
            fails(EOPNOTSUPP, "SET with unknown flags", s -> s.c.setTracking(s.iommufd, s.hwpt, 2)),
            fails(EOPNOTSUPP, "SET with unknown flags of nothing", s -> s.c.setTracking(s.iommufd, 99, 2)),
            fails(ENOENT, "SET of nothing", s -> s.c.setTracking(s.iommufd, 99, 1)),
            fails(ENOENT, "SET of an address space", s -> s.c.setTracking(s.iommufd, s.ioas, 1)),
            fails(EOPNOTSUPP, "SET of a page table without tracking", s -> s.c.setTracking(s.iommufd, s.plain, 1)),
            fails(
                    EINVAL,
                    "SET of size 15",
                    s -> s.send(Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, 15, Iommufd.SetDirtyTracking.HWPT_ID, s.hwpt)),
            ok(
                    "SET with something reserved",
                    s -> s.sent(
                            Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING,
                            s.c.struct(16, x -> {
                                Iommufd.SetDirtyTracking.SIZE.set(x, 16);
                                Iommufd.SetDirtyTracking.HWPT_ID.set(x, s.hwpt);
                            }),
                            Iommufd.SetDirtyTracking.RESERVED,
                            1)),
            ok("GET", s -> s.get(IOVA, SIZE, 4096)),
            fails(EOPNOTSUPP, "GET with unknown flags", s -> s.get(s.hwpt, 2, IOVA, SIZE, 4096)),
            fails(
                    EOPNOTSUPP,
                    "GET with something reserved",
                    s -> s.sent(
                            Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                            s.c.getDirtyStruct(s.hwpt, 0, IOVA, SIZE, 4096, s.bitmap.address()),
                            Iommufd.GetDirtyBitmap.RESERVED,
                            1)),
            fails(
                    EINVAL,
                    "GET of size 47",
                    s -> s.sent(
                            Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                            s.c.getDirtyStruct(s.hwpt, 0, IOVA, SIZE, 4096, s.bitmap.address()),
                            Iommufd.GetDirtyBitmap.SIZE,
                            47)),
            fails(ENOENT, "GET of nothing", s -> s.get(99, 0, IOVA, SIZE, 4096)),
            fails(ENOENT, "GET of an address space", s -> s.get(s.ioas, 0, IOVA, SIZE, 4096)),
            fails(EOPNOTSUPP, "GET of a page table without tracking", s -> s.get(s.plain, 0, IOVA, SIZE, 4096)),
            fails(EINVAL, "GET of length 0", s -> s.get(IOVA, 0, 4096)),
            fails(EINVAL, "GET of length 0 at 0", s -> s.get(0, 0, 4096)),
            fails(EOVERFLOW, "GET over the top", s -> s.get(-4096, 8192, 4096)),
            ok("GET up to the top", s -> s.get(-4096, 4096, 4096)),
            fails(EINVAL, "GET at half a page", s -> s.get(IOVA + 2048, 4096, 2048)),
            fails(EINVAL, "GET of half pages", s -> s.get(IOVA, 6144, 2048)),
            fails(EINVAL, "GET by 0", s -> s.get(IOVA, SIZE, 0)),
            fails(EINVAL, "GET by more than it is aligned to", s -> s.get(IOVA + 4096, 8192, 8192)),
            ok("GET by 2048", s -> s.get(IOVA, 8192, 2048)),
            ok("GET by 1", s -> s.get(IOVA, 4096, 1)),
            ok("GET by what is no power of two", s -> s.get(0, 49152, 12288)),
            ok("GET of what is not mapped", s -> s.get(0, 4096, 4096)),
            ok(
                    "GET to elsewhere",
                    s -> s.c.call(
                            s.iommufd,
                            Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                            s.c.getDirtyStruct(s.hwpt, 0, IOVA, SIZE, 4096, 0x10),
                            s.bitmap)));

    static Stream<Arguments> rows() {
        return Arrays.stream(KernelVersion.values())
                .filter(KernelVersion::hasIommufd)
                .flatMap(version -> Stream.of(OBJECTS, MAPPING, DIRTY)
                        .flatMap(List::stream)
                        .map(row -> Arguments.of(version, row)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldAnswer(KernelVersion version, ErrnoRow<Scene> row) {
        SimulatedKernel kernel = SimulatedKernel.builder(version)
                .devices(3)
                .emulatedIommu(1)
                .behindIommu(2, 1)
                .withoutDirtyBits(1)
                .build();
        try (Caller c = new Caller(kernel)) {
            assertEquals(row.result(), row.call().applyAsLong(new Scene(c)));
        }
    }
}
