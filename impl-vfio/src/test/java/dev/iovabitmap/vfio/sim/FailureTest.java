package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Calls that are told to fail, calls with memory that may not be touched, and calls without end. */
class FailureTest {
    private static final String REPORT = "VFIO_DEVICE_FEATURE DMA_LOGGING_REPORT";

    private final SimulatedKernel kernel =
            SimulatedKernel.builder(KernelVersion.V6_12).build();

    private static int boundDevice(Caller c) {
        int iommufd = c.open("/dev/iommu");
        int device = c.open("/dev/vfio/devices/vfio0");
        c.bind(device, iommufd);
        return device;
    }

    @Test
    void shouldFailBeforeAnythingHappens() {
        try (Caller c = new Caller(kernel)) {
            int device = boundDevice(c);
            c.start(device, 4096, 0, 1 << 20);
            kernel.deviceWrites(0, 0, 1);
            MemorySegment bitmap = c.pages(1);
            kernel.fail(CallFailure.next(REPORT, Errno.EINTR));
            assertEquals(-Errno.EINTR, c.report(device, 0, 1 << 20, 4096, bitmap));
            assertEquals(0, c.report(device, 0, 1 << 20, 4096, bitmap));
            assertEquals(1, Caller.bits(bitmap).cardinality());
        }
    }

    @Test
    void shouldFailAfterwards() {
        try (Caller c = new Caller(kernel)) {
            int device = boundDevice(c);
            c.start(device, 4096, 0, 1 << 20);
            kernel.deviceWrites(0, 0, 1);
            MemorySegment bitmap = c.pages(1);
            kernel.fail(new CallFailure(REPORT::equals, 1, 2, Errno.EIO, true));
            MemorySegment other = c.pages(1);
            assertEquals(0, c.report(device, 1 << 19, 1 << 19, 4096, other), "the first is skipped");
            assertEquals(-Errno.EIO, c.report(device, 0, 1 << 20, 4096, bitmap));
            assertEquals(-Errno.EIO, c.report(device, 0, 1 << 20, 4096, other));
            assertEquals(0, c.report(device, 0, 1 << 20, 4096, other));
            assertEquals(1, Caller.bits(bitmap).cardinality());
            assertEquals(0, Caller.bits(other).cardinality(), "the log was cleared by the first that failed");
        }
    }

    @Test
    void shouldLeaveNothingBehindWhereSomethingIsMade() {
        try (Caller c = new Caller(kernel)) {
            int device = boundDevice(c);
            Held before = kernel.held();
            kernel.fail(new CallFailure(call -> true, 0, 3, Errno.ENOMEM, true));
            assertEquals(-Errno.ENOMEM, c.open("/dev/vfio/vfio"));
            assertEquals(-Errno.ENOMEM, c.ioas(1 << 20));
            assertEquals(-Errno.ENOMEM, c.start(device, 4096, 0, 1 << 20));
            assertEquals(before, kernel.held());
        }
    }

    @Test
    void shouldCloseEvenIfClosingFails() {
        try (Caller c = new Caller(kernel)) {
            int fd = c.open("/dev/iommu");
            kernel.fail(CallFailure.next("close /dev/iommu", Errno.EINTR));
            assertEquals(-Errno.EINTR, c.close(fd));
            assertEquals(Held.NOTHING, kernel.held());
            assertEquals(-Errno.EBADF, c.close(fd));
        }
    }

    @Test
    void shouldWriteDownCallsAndFailOneByItsNumber() {
        try (Caller c = new Caller(kernel)) {
            kernel.startRecording();
            int device = boundDevice(c);
            c.start(device, 4096, 0, 1 << 20);
            c.report(device, 0, 1 << 20, 4096, c.pages(1));
            c.stop(device);
            c.close(device);
            assertEquals(
                    List.of(
                            "open /dev/iommu",
                            "open /dev/vfio/devices/vfio0",
                            "VFIO_DEVICE_BIND_IOMMUFD",
                            "VFIO_DEVICE_FEATURE DMA_LOGGING_START",
                            REPORT,
                            "VFIO_DEVICE_FEATURE DMA_LOGGING_STOP",
                            "close /dev/vfio/devices/vfio0"),
                    kernel.stopRecording());
            kernel.fail(CallFailure.at(1, Errno.EMFILE));
            assertEquals(1 << 20 | 1, c.open("/dev/iommu"));
            assertEquals(-Errno.EMFILE, c.open("/dev/iommu"));
            kernel.fail(CallFailure.at(0, Errno.EMFILE));
            kernel.failNothing();
            assertEquals(1 << 20 | 2, c.open("/dev/iommu"));
        }
    }

    @Test
    void shouldRunOutOfDescriptors() {
        try (Caller c = new Caller(kernel)) {
            for (int i = 0; i < 1024; i++) {
                c.open("/dev/iommu");
            }
            assertEquals(-Errno.EMFILE, c.open("/dev/iommu"));
        }
    }

    @Test
    void shouldRefuseMemoryAsTheLinkerDoes() throws InterruptedException {
        try (Caller c = new Caller(kernel);
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            int device = boundDevice(c);
            c.start(device, 4096, 0, 1 << 20);
            kernel.deviceWrites(0, 0, 1);
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(4096);
            closed.close();
            assertThrows(IllegalStateException.class, () -> c.report(device, 0, 1 << 20, 4096, gone));
            MemorySegment mine = c.pages(1);
            MemorySegment struct = c.reportStruct(0, 1 << 20, 4096, mine.address());
            Future<Integer> call =
                    other.submit(() -> c.syscalls.ioctl(c.memory, device, Ioctl.VFIO_DEVICE_FEATURE, struct, mine));
            ExecutionException refused = assertThrows(ExecutionException.class, call::get);
            assertEquals(WrongThreadException.class, refused.getCause().getClass());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> c.call(device, Ioctl.VFIO_DEVICE_FEATURE, MemorySegment.ofArray(new byte[40])));
            assertEquals(0, c.report(device, 0, 1 << 20, 4096, mine));
            assertEquals(1, Caller.bits(mine).cardinality(), "none of these cleared the log");
        }
    }

    /** Flat in what the kernel counts, and in the objects that it keeps: the second is what a heap would show. */
    @Test
    void shouldHoldNothingAfterManyCycles() {
        try (Caller c = new Caller(kernel)) {
            MemorySegment bitmap = c.pages(1);
            MemorySegment target = c.pages(16);
            MemorySegment ranges = c.ranges(0, 1 << 20);
            for (int i = 0; i < 100_000; i++) {
                int iommufd = c.open("/dev/iommu");
                int device = c.open("/dev/vfio/devices/vfio0");
                int id = c.bind(device, iommufd);
                int ioas = c.ioas(iommufd);
                int hwpt = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
                c.attach(device, hwpt);
                c.ioasMap(iommufd, ioas, 0, target);
                c.setTracking(iommufd, hwpt, 1);
                MemorySegment start = c.startStruct(4096, 1, ranges.address());
                assertEquals(0, c.call(device, Ioctl.VFIO_DEVICE_FEATURE, start, ranges));
                kernel.deviceWrites(0, 4096, 1);
                bitmap.fill((byte) 0);
                assertEquals(0, c.report(device, 0, 1 << 20, 4096, bitmap));
                assertEquals(0, c.getDirty(iommufd, hwpt, 0, 0, 16 * 4096, 4096, bitmap));
                assertEquals(2, bitmap.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0));
                assertEquals(new Held(2, 2, 1, 3, 2, 16 * 4096), kernel.held());
                c.close(i % 2 == 0 ? device : iommufd);
                c.close(i % 2 == 0 ? iommufd : device);
                assertEquals(Held.NOTHING, kernel.held());
            }
            assertEquals(1 << 20, c.open("/dev/iommu"), "the first descriptor is free again");
            assertEquals(1, kernel.written(0).size());
        }
    }

    @Test
    void shouldTakeCallsFromManyThreads() throws Exception {
        kernel.misbehave(Misbehaviour.STRAY_BITS, false);
        try (Caller c = new Caller(kernel);
                ExecutorService pool = Executors.newFixedThreadPool(2);
                Arena arena = Arena.ofShared()) {
            int device = boundDevice(c);
            c.start(device, 4096, 0, 1 << 20);
            BitSet all = new BitSet();
            Future<?> writer = pool.submit(() -> {
                for (int page = 0; page < 256; page++) {
                    kernel.deviceWrites(0, page * 4096L, 1);
                }
            });
            MemorySegment bitmap = arena.allocate(4096, 4096);
            MemorySegment struct = arena.allocate(40, 8);
            CallMemory memory = new CallMemory(arena);
            MemorySegment template = c.reportStruct(0, 1 << 20, 4096, bitmap.address());
            struct.copyFrom(template);
            boolean last;
            do {
                last = writer.isDone();
                bitmap.fill((byte) 0);
                int result = pool.submit(() ->
                                kernel.syscalls().ioctl(memory, device, Ioctl.VFIO_DEVICE_FEATURE, struct, bitmap))
                        .get();
                assertEquals(0, result);
                BitSet found = Caller.bits(bitmap);
                assertEquals(false, found.intersects(all), "each bit once");
                all.or(found);
            } while (!last);
            writer.get();
            assertEquals(256, all.cardinality());
        }
    }
}
