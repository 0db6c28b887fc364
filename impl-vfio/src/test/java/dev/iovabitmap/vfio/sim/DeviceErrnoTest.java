package dev.iovabitmap.vfio.sim;

import static dev.iovabitmap.vfio.sim.ErrnoRow.fails;
import static dev.iovabitmap.vfio.sim.ErrnoRow.ok;
import static dev.iovabitmap.vfio.uapi.Errno.E2BIG;
import static dev.iovabitmap.vfio.uapi.Errno.EBADF;
import static dev.iovabitmap.vfio.uapi.Errno.EBADFD;
import static dev.iovabitmap.vfio.uapi.Errno.EBUSY;
import static dev.iovabitmap.vfio.uapi.Errno.EFAULT;
import static dev.iovabitmap.vfio.uapi.Errno.EINVAL;
import static dev.iovabitmap.vfio.uapi.Errno.ENOENT;
import static dev.iovabitmap.vfio.uapi.Errno.ENOTTY;
import static dev.iovabitmap.vfio.uapi.Errno.EOVERFLOW;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The errnos of a device, row by row: the header, logging, binding and attaching. */
class DeviceErrnoTest {
    private static final long TOP = -4096;
    private static final int START = Header.DMA_LOGGING_START;
    private static final int REPORT = Header.DMA_LOGGING_REPORT;

    /** A device got from its group, one that cannot log, and memory. */
    static final class Scene {
        final Caller c;
        final int device;
        final int silent;
        final MemorySegment bitmap;

        Scene(Caller c) {
            this.c = c;
            int container = c.open("/dev/vfio/vfio");
            int[] fds = new int[2];
            for (int i = 0; i < 2; i++) {
                int group = c.open("/dev/vfio/" + i);
                assertEquals(0, c.setContainer(group, container));
                if (i == 0) {
                    assertEquals(0, c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2));
                }
                fds[i] = c.deviceFd(group, c.kernel.deviceName(i));
            }
            device = fds[0];
            silent = fds[1];
            bitmap = c.pages(2);
        }

        long startOf(long count, long address, MemorySegment pointedTo) {
            return c.call(device, Ioctl.VFIO_DEVICE_FEATURE, c.startStruct(4096, count, address), pointedTo);
        }

        Scene started() {
            assertEquals(0, c.start(device, 4096, 0, 1L << 40));
            return this;
        }
    }

    private static final List<ErrnoRow<Scene>> ALL = List.of(
            fails(EINVAL, "header shorter than 8", s -> s.c.feature(s.device, START | Header.SET, 7)),
            fails(EINVAL, "unknown flag bits", s -> s.c.feature(s.device, START | Header.SET | 1 << 19, 32)),
            fails(EINVAL, "GET and SET", s -> s.c.feature(s.device, START | Header.GET | Header.SET, 32)),
            fails(ENOTTY, "unknown feature", s -> s.c.feature(s.device, 0xfff | Header.GET, 32)),
            fails(ENOTTY, "a device without a log", s -> s.c.feature(s.silent, START | Header.SET | Header.PROBE, 8)),
            fails(ENOTTY, "no log is seen before a wrong GET", s -> s.c.feature(s.silent, START | Header.GET, 8)),
            fails(EINVAL, "START by GET", s -> s.c.feature(s.device, START | Header.GET, 32)),
            fails(EINVAL, "REPORT by SET", s -> s.c.feature(s.device, REPORT | Header.SET, 40)),
            fails(
                    EINVAL,
                    "PROBE for GET and SET of what can only be got",
                    s -> s.c.feature(s.device, REPORT | Header.GET | Header.SET | Header.PROBE, 40)),
            ok("PROBE needs no payload", s -> s.c.feature(s.device, START | Header.SET | Header.PROBE, 8)),
            ok("PROBE for nothing", s -> s.c.feature(s.device, REPORT | Header.PROBE, 8)),
            fails(EINVAL, "neither GET nor SET", s -> s.c.feature(s.device, START, 32)),
            fails(EINVAL, "START's payload too short", s -> s.c.feature(s.device, START | Header.SET, 31)),
            fails(EINVAL, "REPORT's payload too short", s -> s.c.feature(s.device, REPORT | Header.GET, 39)),
            fails(
                    EFAULT,
                    "a struct that is not there",
                    s -> s.c.call(s.device, Ioctl.VFIO_DEVICE_FEATURE, s.c.struct(4, x -> {}))),
            fails(EFAULT, "a number for a struct", s -> s.c.call(s.device, Ioctl.VFIO_DEVICE_FEATURE, 0)),
            fails(
                    EFAULT,
                    "argsz longer than the memory",
                    s -> s.c.call(
                            s.device,
                            Ioctl.VFIO_DEVICE_FEATURE,
                            s.c.startStruct(4096, 1, 0).asSlice(0, 16))),
            fails(ENOTTY, "another ioctl", s -> s.c.call(s.device, Ioctl.VFIO_IOMMU_MAP_DMA, 0)),
            fails(EBADF, "no file", s -> s.c.feature(1, START | Header.SET, 32)),
            // START
            ok("START", s -> s.c.start(s.device, 4096, 0, 4096)),
            fails(EINVAL, "START of no range", s -> s.startOf(0, 0, MemorySegment.NULL)),
            fails(E2BIG, "START of 257 ranges", s -> s.startOf(257, 0, MemorySegment.NULL)),
            ok("START of 256 ranges", s -> s.c.start(s.device, 4096, manyRanges(256))),
            fails(EFAULT, "START with ranges elsewhere", s -> s.startOf(1, 0x10, s.bitmap)),
            fails(EFAULT, "START with ranges past the memory", s -> {
                MemorySegment ranges = s.c.ranges(0, 4096);
                return s.startOf(2, ranges.address(), ranges);
            }),
            fails(EINVAL, "START at half a page", s -> s.c.start(s.device, 4096, 2048, 4096)),
            fails(EINVAL, "START of half a page", s -> s.c.start(s.device, 4096, 4096, 2048)),
            fails(EOVERFLOW, "START up to the top", s -> s.c.start(s.device, 4096, TOP, 4096)),
            ok("START up to the page below the top", s -> s.c.start(s.device, 4096, TOP - 4096, 4096)),
            fails(EOVERFLOW, "START over the top", s -> s.c.start(s.device, 4096, TOP, 8192)),
            fails(EINVAL, "START of overlapping ranges", s -> s.c.start(s.device, 4096, 0, 8192, 4096, 4096)),
            ok("START of adjacent ranges", s -> s.c.start(s.device, 4096, 0, 8192, 8192, 4096)),
            ok("START of ranges in any order", s -> s.c.start(s.device, 4096, 1 << 20, 4096, 0, 4096)),
            fails(EINVAL, "START misaligned before overlapping", s -> s.c.start(s.device, 4096, 0, 1, TOP, 8192)),
            ok("START by a page size that is no power of two", s -> s.c.start(s.device, 0x3000, 0, 1 << 20)),
            fails(EINVAL, "START by page size 0", s -> s.c.start(s.device, 0, 0, 4096)),
            fails(EINVAL, "a second START", s -> s.started().c.start(s.device, 4096, 0, 4096)),
            fails(E2BIG, "a second START of too much", s -> s.started().startOf(257, 0, s.bitmap)),
            // STOP
            ok("STOP", s -> s.started().c.stop(s.device)),
            ok("STOP of nothing", s -> s.c.stop(s.device)),
            fails(EINVAL, "STOP by GET", s -> s.c.feature(s.device, Header.DMA_LOGGING_STOP | Header.GET, 8)),
            // REPORT
            ok("REPORT", s -> s.started().c.report(s.device, 0, 4096, 4096, s.bitmap)),
            fails(EINVAL, "REPORT by 2048", s -> s.started().c.report(s.device, 0, 4096, 2048, s.bitmap)),
            fails(EINVAL, "REPORT by 0", s -> s.started().c.report(s.device, 0, 4096, 0, s.bitmap)),
            fails(EINVAL, "REPORT by 0x3000", s -> s.started().c.report(s.device, 0, 1 << 20, 0x3000, s.bitmap)),
            fails(EOVERFLOW, "REPORT up to the top", s -> s.started().c.report(s.device, TOP, 4096, 4096, s.bitmap)),
            ok("REPORT below the top", s -> s.started().c.report(s.device, TOP - 4096, 4096, 4096, s.bitmap)),
            fails(
                    EINVAL,
                    "REPORT by 2048 over the top",
                    s -> s.started().c.report(s.device, TOP, 8192, 2048, s.bitmap)),
            ok("REPORT at half a page", s -> s.started().c.report(s.device, 0x10800, 1 << 16, 4096, s.bitmap)),
            ok("REPORT of length 0", s -> s.started().c.report(s.device, 0x10000, 0, 4096, s.bitmap)),
            ok("REPORT by another page size", s -> s.started().c.report(s.device, 0, 1 << 20, 8192, s.bitmap)),
            ok("REPORT to any byte", s -> s.started().c.report(s.device, 0, 1 << 20, 4096, s.bitmap.asSlice(1, 40))),
            fails(EINVAL, "REPORT while nothing is logged", s -> s.c.report(s.device, 0, 4096, 4096, s.bitmap)),
            // A device of a group is not bound.
            fails(EBUSY, "a group that is open", s -> s.c.open("/dev/vfio/0")),
            fails(ENOENT, "a group that is not there", s -> s.c.open("/dev/vfio/7")));

    private static final List<ErrnoRow<Scene>> ONLY_6_1 = List.of(
            fails(
                    EFAULT,
                    "REPORT to an address elsewhere",
                    s -> s.started()
                            .c
                            .call(
                                    s.device,
                                    Ioctl.VFIO_DEVICE_FEATURE,
                                    s.c.reportStruct(0, 1 << 20, 4096, 0x10),
                                    s.bitmap)),
            fails(
                    EFAULT,
                    "REPORT to nowhere while nothing is logged",
                    s -> s.c.report(s.device, 0, 4096, 4096, MemorySegment.NULL)),
            fails(ENOTTY, "BIND", s -> s.c.bind(s.device, 1)),
            fails(ENOTTY, "ATTACH", s -> s.c.attach(s.device, 1)));

    private static final List<ErrnoRow<Scene>> FROM_6_12 = List.of(
            ok(
                    "REPORT to an address elsewhere",
                    s -> s.started()
                            .c
                            .call(
                                    s.device,
                                    Ioctl.VFIO_DEVICE_FEATURE,
                                    s.c.reportStruct(0, 1 << 20, 4096, 0x10),
                                    s.bitmap)),
            fails(
                    EINVAL,
                    "REPORT to nowhere while nothing is logged",
                    s -> s.c.report(s.device, 0, 4096, 4096, MemorySegment.NULL)),
            fails(EINVAL, "BIND of a group's device", s -> s.c.bind(s.device, 1)),
            fails(ENOTTY, "ATTACH of a group's device", s -> s.c.attach(s.device, 1)));

    /** On a file of the device's own. */
    private static final List<ErrnoRow<Scene>> CDEV = List.of(
            fails(EINVAL, "anything before BIND", s -> s.c.stop(s.c.open("/dev/vfio/devices/vfio2"))),
            fails(EINVAL, "ATTACH before BIND", s -> s.c.attach(s.c.open("/dev/vfio/devices/vfio2"), 1)),
            fails(EINVAL, "BIND with argsz 15", s -> bind(s, 15, 0, s.c.open("/dev/iommu"))),
            fails(EINVAL, "BIND with flags", s -> bind(s, 16, 1, s.c.open("/dev/iommu"))),
            fails(EINVAL, "BIND to -1", s -> bind(s, 16, 0, -1)),
            fails(EBADF, "BIND to no file", s -> bind(s, 16, 0, 1)),
            fails(EBADFD, "BIND to another file", s -> bind(s, 16, 0, s.device)),
            fails(EBUSY, "BIND while its group is open", s -> {
                int fd = s.c.open("/dev/vfio/devices/vfio0");
                return s.c.bind(fd, s.c.open("/dev/iommu"));
            }),
            fails(EBUSY, "a group whose device is open", s -> {
                s.c.open("/dev/vfio/devices/vfio2");
                return s.c.open("/dev/vfio/2");
            }),
            fails(EINVAL, "BIND twice", s -> s.c.bind(bound(s), s.c.open("/dev/iommu"))),
            fails(EINVAL, "BIND of a device that another file has", s -> {
                bound(s);
                return s.c.bind(s.c.open("/dev/vfio/devices/vfio2"), s.c.open("/dev/iommu"));
            }),
            fails(ENOENT, "ATTACH to nothing", s -> s.c.attach(bound(s), 77)),
            fails(EINVAL, "ATTACH to a device", s -> s.c.attach(bound(s), 1)),
            fails(EINVAL, "ATTACH with argsz 11", s -> attach(s, bound(s), 11, 0)),
            fails(EINVAL, "ATTACH with flags", s -> attach(s, bound(s), 12, 1)),
            ok("DETACH of nothing", s -> detach(s, bound(s), 0)),
            fails(EINVAL, "DETACH with flags", s -> detach(s, bound(s), 1)));

    /** A device that does all that pds does. */
    private static final List<ErrnoRow<Scene>> PDS = List.of(
            ok("START of 64 pages", s -> s.c.start(s.device, 4096, 4096, 64 * 4096)),
            fails(EINVAL, "START of 16 pages", s -> s.c.start(s.device, 4096, 0, 16 * 4096)),
            ok("START of 65 pages, whose eighth is rounded down", s -> s.c.start(s.device, 4096, 0, 65 * 4096)),
            fails(EINVAL, "START of 72 pages", s -> s.c.start(s.device, 4096, 0, 72 * 4096)),
            fails(
                    EINVAL,
                    "START of 64 pages and of 8",
                    s -> s.c.start(s.device, 4096, 0, 64 * 4096, 1 << 20, 8 * 4096)),
            ok(
                    "START of three ranges with a hull of 128 pages",
                    s -> s.c.start(s.device, 4096, 0, 16 * 4096, 40 * 4096, 16 * 4096, 112 * 4096, 16 * 4096)),
            fails(EINVAL, "REPORT after a START that was refused", s -> {
                s.c.start(s.device, 4096, 0, 16 * 4096);
                return s.c.report(s.device, 0, 16 * 4096, 4096, s.bitmap);
            }),
            fails(EINVAL, "REPORT of length 0", s -> s.started().c.report(s.device, 0, 0, 4096, s.bitmap)),
            fails(EINVAL, "REPORT outside", s -> s.started().c.report(s.device, 1L << 40, 4096, 4096, s.bitmap)),
            fails(
                    EINVAL,
                    "REPORT of half a page more than a group",
                    s -> s.started().c.report(s.device, 0, 64 * 4096 + 2048, 4096, s.bitmap)),
            fails(EINVAL, "REPORT of more than the log of the range has", s -> {
                assertEquals(0, s.c.start(s.device, 4096, 0, 65 * 4096));
                return s.c.report(s.device, 0, 65 * 4096, 4096, s.bitmap);
            }),
            ok("REPORT of 16 pages", s -> s.started().c.report(s.device, 0, 16 * 4096, 4096, s.bitmap)));

    @ParameterizedTest
    @FieldSource("PDS")
    void shouldAnswerAsPdsDoes(ErrnoRow<Scene> row) {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
                .devices(3)
                .withoutLog(1)
                .misbehaving(Misbehaviour.pds().toArray(Misbehaviour[]::new))
                .build();
        try (Caller c = new Caller(kernel)) {
            assertEquals(row.result(), row.call().applyAsLong(new Scene(c)));
        }
    }

    private static long[] manyRanges(int count) {
        long[] ranges = new long[2 * count];
        for (int i = 0; i < count; i++) {
            ranges[2 * i] = i * 8192L;
            ranges[2 * i + 1] = 4096;
        }
        return ranges;
    }

    private static int bound(Scene s) {
        int device = s.c.open("/dev/vfio/devices/vfio2");
        assertEquals(1, s.c.bind(device, s.c.open("/dev/iommu")));
        return device;
    }

    private static int bind(Scene s, long argsz, long flags, int iommufd) {
        int device = s.c.open("/dev/vfio/devices/vfio2");
        return s.c.call(device, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, s.c.struct(16, x -> {
            Iommufd.Bind.ARGSZ.set(x, argsz);
            Iommufd.Bind.FLAGS.set(x, flags);
            Iommufd.Bind.IOMMUFD.set(x, iommufd & 0xffff_ffffL);
        }));
    }

    private static int attach(Scene s, int device, long argsz, long flags) {
        return s.c.call(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, s.c.struct(12, x -> {
            Iommufd.Attach.ARGSZ.set(x, argsz);
            Iommufd.Attach.FLAGS.set(x, flags);
        }));
    }

    private static int detach(Scene s, int device, long flags) {
        return s.c.call(device, Ioctl.VFIO_DEVICE_DETACH_IOMMUFD_PT, s.c.struct(8, x -> {
            Iommufd.Detach.ARGSZ.set(x, 8);
            Iommufd.Detach.FLAGS.set(x, flags);
        }));
    }

    static Stream<Arguments> rows() {
        return Arrays.stream(KernelVersion.values())
                .flatMap(version -> (version.hasIommufd() ? Stream.of(ALL, FROM_6_12, CDEV) : Stream.of(ALL, ONLY_6_1))
                        .flatMap(List::stream)
                        .map(row -> Arguments.of(version, row)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldAnswer(KernelVersion version, ErrnoRow<Scene> row) {
        SimulatedKernel kernel =
                SimulatedKernel.builder(version).devices(3).withoutLog(1).build();
        try (Caller c = new Caller(kernel)) {
            assertEquals(row.result(), row.call().applyAsLong(new Scene(c)));
        }
    }
}
