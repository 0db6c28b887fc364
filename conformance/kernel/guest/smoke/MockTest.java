import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The mock device's own ioctls, and device dirty logging through the kernel. */
final class MockTest {
    private static final long G = Smoke.G;
    private static final long PAGE = Smoke.PAGE;

    private MockTest() {}

    static void control() {
        Smoke.title("control node");
        Mock mock = Mock.control(1);
        Mock.Info info = mock.info();
        Smoke.same(2, info.abi(), "ABI version");
        Smoke.same(0, info.state(), "nothing is open");
        Smoke.same(4096L, info.granule(), "granule after load");
        Smoke.same(-Sys.EINVAL, mock.infoOfSize(76), "argsz too small");
        Smoke.same(0, mock.infoOfSize(88), "argsz of a later version");
        Smoke.same(-25, mock.unknown(), "an ioctl that does not exist is ENOTTY");
        Smoke.same(-Sys.EINVAL, mock.configure(8192, 0), "granule that is not offered");
        Smoke.same(-Sys.EINVAL, mock.configure(4096, 8), "unknown behaviour");
        Smoke.same(-Sys.EINVAL, mock.configure(4096, Mock.EVERYTHING), "everything, but not raw");
        Smoke.same(-Sys.ENODEV, mock.pin(0, 1, 0), "pin without an open device");
        Smoke.same(0L, mock.write(0, PAGE), "a write while nothing is logged");
        Smoke.same((long) -Sys.EINVAL, mock.write(0, 0), "an empty write");
        Smoke.same((long) -Sys.EINVAL, mock.write(-PAGE, PAGE + 1), "a write that wraps");
        Smoke.same(0, mock.configure(65536, Mock.RAW), "configure");
        Sys.close(mock.fd());
        mock = Mock.control(1);
        Smoke.same(65536L, mock.info().granule(), "the granule outlives a close");
        Smoke.same(0, mock.configure(4096, 0), "configure back");
        Sys.close(mock.fd());
    }

    static void group(boolean modern) throws IOException {
        Smoke.title("device logging by group");
        try (Type1Test.Container container = Type1Test.Container.open(0)) {
            logging(container.device(), modern);
        }
        Mock control = Mock.control(0);
        Smoke.same(0, control.info().state(), "closed");
        Sys.close(control.fd());
    }

    static void cdev() throws IOException {
        Smoke.title("device logging by cdev");
        try (Arena arena = Arena.ofConfined()) {
            int iommufd = Smoke.positive(Sys.open("/dev/iommu"), "open /dev/iommu");
            Mock mock = new Mock(Smoke.positive(Sys.open(Mock.cdev(1)), "open the cdev"));
            Smoke.same(0, Sys.ioctl(mock.fd(), 0x3b76, Smoke.ints(arena, 16, 0, iommufd)), "BIND_IOMMUFD");
            MemorySegment ioas = Smoke.ints(arena, 12);
            Smoke.same(0, Sys.ioctl(iommufd, 0x3b81, ioas), "IOAS_ALLOC");
            int id = ioas.get(java.lang.foreign.ValueLayout.JAVA_INT, 8);
            Smoke.same(0, Sys.ioctl(mock.fd(), 0x3b77, Smoke.ints(arena, 12, 0, id)), "ATTACH_IOMMUFD_PT");
            logging(mock, true);

            MemorySegment memory = Smoke.pages(arena, 16);
            MemorySegment map = Smoke.longs(Smoke.ints(arena, 40, 7, id), 16, memory.address(), 16 * PAGE, 1L << 20);
            Smoke.same(0, Sys.ioctl(iommufd, 0x3b85, map), "IOAS_MAP");
            Smoke.same(0, mock.pin((1L << 20) + 2 * PAGE, 2, Mock.PIN_WRITE | Mock.PIN_KEEP), "pin through IOMMUFD");
            Smoke.same(1, mock.info().pins(), "one pin");
            MemorySegment unmap = Smoke.longs(Smoke.ints(arena, 24, id), 8, 1L << 20, 16 * PAGE);
            Smoke.same(0, Sys.ioctl(iommufd, 0x3b86, unmap), "IOAS_UNMAP of pinned pages");
            Smoke.same(0, mock.info().pins(), "the pin went with its mapping");
            Sys.close(mock.fd());
            Sys.close(iommufd);
        }
    }

    private static void logging(Mock mock, boolean modern) {
        Smoke.same(Mock.OPEN, mock.info().state(), "open, not logging");
        windows(mock, modern);
        granules(mock);
        raw(mock);
        threads(mock);
        limits(mock);
        Smoke.same(0, mock.configure(4096, 0), "configure back");
    }

    private static void windows(Mock mock, boolean modern) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bitmap = Smoke.pages(arena, 224 * G / PAGE / 8 / PAGE + 1);
            Smoke.same(-Sys.EINVAL, mock.report(0, G, PAGE, bitmap), "report before start");
            Smoke.same((long) -Sys.EINVAL, mock.start(0, new Mock.Range(0, G)), "start with page size 0");
            Mock.Range far = new Mock.Range(1L << 40, G);
            Mock.Range all = new Mock.Range(0, 224 * G);
            Smoke.same(PAGE, mock.start(PAGE, far, all), "start");
            Smoke.same((long) -Sys.EINVAL, mock.start(PAGE, all), "start twice");
            Smoke.same(new Mock.Started(PAGE, PAGE, List.of(all, far)), mock.started(), "what was started");
            Smoke.same(Mock.OPEN | Mock.LOGGING, mock.info().state(), "logging");
            Smoke.same(-Sys.EBUSY, mock.configure(4096, 0), "configure while logging");

            Smoke.same(8195L, mock.write(new Mock.Range(64 * G - 1, 8194), new Mock.Range(5, 1)), "bytes logged");
            Smoke.same(4096L, mock.write(224 * G - PAGE, 1 << 20), "bytes logged, the rest being untracked");
            Smoke.same(3, mock.info().dirty(), "separate ranges");
            Smoke.same(0, mock.report(0, 224 * G, PAGE, bitmap), "report");
            BitSet expected = Smoke.range((int) (64 * G / PAGE) - 1, (int) (64 * G / PAGE) + 3);
            expected.set(0);
            expected.set((int) (224 * G / PAGE) - 1);
            Smoke.same(expected, Smoke.bits(bitmap), "bits of the report");
            Smoke.same(-Sys.ENOSPC, mock.windowsInto(0), "windows into too little room");
            List<Mock.Range> windows = mock.windows();
            System.out.println("smoke: windows " + windows);
            List<Mock.Range> cut = List.of(
                    new Mock.Range(0, 64 * G),
                    new Mock.Range(64 * G, 64 * G),
                    new Mock.Range(128 * G, 64 * G),
                    new Mock.Range(192 * G, 32 * G));
            Smoke.same(modern ? List.of(all) : cut, windows, "windows");
            bitmap.fill((byte) 0);
            Smoke.same(0, mock.report(0, 224 * G, PAGE, bitmap), "second report");
            Smoke.same(new BitSet(), Smoke.bits(bitmap), "nothing is dirty any more");
            Smoke.same(modern ? 1 : 4, mock.windows().size(), "windows of the second report alone");
            Smoke.same(0, mock.stop(), "stop");
        }
    }

    private static void granules(Mock mock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bitmap = Smoke.pages(arena, 1);
            Mock.Range tracked = new Mock.Range(0, 8 << 20);
            Smoke.same(0, mock.configure(65536, 0), "configure 64K");
            Smoke.same(65536L, mock.start(PAGE, tracked), "64K granted");
            mock.write(65536 + 5, 1);
            mock.report(0, 1 << 20, PAGE, bitmap);
            Smoke.same(Smoke.range(16, 32), Smoke.bits(bitmap), "the whole granule is dirty");
            mock.stop();

            for (int behaviour : new int[] {0, Mock.WHOLE_GRANULE_CLEAR}) {
                Smoke.same(0, mock.configure(2 << 20, behaviour), "configure 2M");
                Smoke.same(2L << 20, mock.start(PAGE, tracked), "2M granted");
                mock.write(2 << 20, 1);
                bitmap.fill((byte) 0);
                mock.report((2 << 20) + 3 * PAGE, PAGE, PAGE, bitmap);
                Smoke.same(Smoke.range(0, 1), Smoke.bits(bitmap), "a part of a granule");
                bitmap.fill((byte) 0);
                mock.report(0, 8 << 20, PAGE, bitmap);
                BitSet rest = behaviour == 0 ? Smoke.range(512, 1024) : new BitSet();
                rest.clear(515);
                Smoke.same(rest, Smoke.bits(bitmap), "the rest of the granule, behaviour " + behaviour);
                mock.stop();
            }
            Smoke.same(0, mock.configure(4096, 0), "configure 4K");
            Smoke.same(65536L, mock.start(65536, tracked), "64K granted because it was asked for");
            mock.stop();
        }
    }

    private static void raw(Mock mock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bitmap = Smoke.pages(arena, 2);
            Smoke.same(0, mock.configure(4096, Mock.RAW), "configure raw");
            mock.start(PAGE, new Mock.Range(0, G));
            Smoke.same(3L, mock.write(new Mock.Range(PAGE - 1, 2), new Mock.Range(PAGE - 1, 1)), "raw writes");
            Smoke.same(2, mock.info().dirty(), "kept apart");
            mock.report(0, 2 * PAGE, PAGE, bitmap);
            Smoke.same(Smoke.range(0, 2), Smoke.bits(bitmap), "both pages that two bytes touch");
            mock.write(16 * PAGE, 16 * PAGE);
            bitmap.fill((byte) 0);
            mock.report(0, 20 * PAGE, PAGE, bitmap);
            // What sticks out of the report is the kernel's to drop or to let through; inside, all must be there.
            Smoke.same(Smoke.range(16, 20), Smoke.bits(bitmap).get(0, 20), "the part inside the report");
            Smoke.same(0, mock.info().dirty(), "forgotten whole");
            mock.write(40 * PAGE, PAGE);
            mock.report(0, 20 * PAGE, PAGE, bitmap);
            Smoke.same(1, mock.info().dirty(), "what the report does not touch stays");
            mock.stop();
            Smoke.same(0, mock.configure(4096, Mock.RAW | Mock.EVERYTHING), "configure everything");
            mock.start(PAGE, new Mock.Range(0, G));
            mock.write(40 * PAGE, PAGE);
            mock.report(0, 20 * PAGE, PAGE, bitmap);
            Smoke.same(0, mock.info().dirty(), "what the report does not touch goes with it");
            mock.stop();
            Smoke.same(0, mock.configure(4096, 0), "configure 4K");
        }
    }

    private static void threads(Mock mock) {
        AtomicLong logged = new AtomicLong();
        mock.start(PAGE, new Mock.Range(0, G));
        List<Thread> threads = java.util.stream.IntStream.range(0, 4)
                .mapToObj(t -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        logged.addAndGet(mock.write((4L * i + t) * 2 * PAGE, 1));
                        mock.info();
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        Smoke.same(2000L, logged.get(), "bytes logged by four threads");
        Smoke.same(2000, mock.info().dirty(), "ranges of four threads");
        mock.stop();
    }

    private static void limits(Mock mock) {
        mock.start(PAGE, new Mock.Range(0, G));
        Mock.Range[] writes = new Mock.Range[4096];
        for (int i = 0; i < 65536; i += writes.length) {
            for (int j = 0; j < writes.length; j++) {
                writes[j] = new Mock.Range((i + j) * 2 * PAGE, 1);
            }
            Smoke.same(4096L, mock.write(writes), "writes below the limit");
        }
        Smoke.same((long) -Sys.ENOSPC, mock.write(G - 1, 1), "one over the limit");
        Smoke.same(65536, mock.info().dirty(), "ranges at the limit");
        mock.stop();
        Smoke.same(0, mock.info().dirty(), "none after stop");
    }
}
