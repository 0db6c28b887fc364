import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The private ioctls of vfio_dirty_mock, and VFIO's dirty logging, on an open file descriptor. */
record Mock(int fd) {
    static final int WHOLE_GRANULE_CLEAR = 1;
    static final int RAW = 2;
    static final int EVERYTHING = 4;
    static final int PIN_WRITE = 1;
    static final int PIN_KEEP = 2;
    static final int OPEN = 1;
    static final int LOGGING = 2;

    private static final int FEATURE_GET = 1 << 16;
    private static final int FEATURE_SET = 1 << 17;

    record Range(long iova, long length) {
        @Override
        public String toString() {
            return "[" + Long.toHexString(iova) + " +" + Long.toHexString(length) + "]";
        }
    }

    record Info(int abi, int state, int behaviour, long granule, int dirty, int windows, int pins, long starts) {}

    record Started(long asked, long granted, List<Range> ranges) {}

    static Path sysfs(int device) {
        return Path.of("/sys/bus/platform/devices/vfio_dirty_mock." + device);
    }

    static Mock control(int device) {
        return new Mock(Smoke.positive(Sys.open("/dev/vfio_dirty_mock." + device), "open the control node"));
    }

    static String group(int device) throws IOException {
        return "/dev/vfio/" + sysfs(device).resolve("iommu_group").toRealPath().getFileName();
    }

    static String cdev(int device) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(sysfs(device).resolve("vfio-dev"))) {
            return "/dev/vfio/devices/" + entries.iterator().next().getFileName();
        }
    }

    private int call(int number, MemorySegment argument) {
        return Sys.ioctl(fd, 0xDC00L + number, argument);
    }

    private static MemorySegment struct(Arena arena, int size, int flags) {
        MemorySegment struct = arena.allocate(size, 8);
        struct.set(JAVA_INT, 0, size);
        struct.set(JAVA_INT, 4, flags);
        return struct;
    }

    Info info() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 80, 0);
            Smoke.same(0, call(0, s), "INFO");
            return new Info(
                    s.get(JAVA_INT, 8),
                    s.get(JAVA_INT, 32),
                    s.get(JAVA_INT, 36),
                    s.get(JAVA_LONG, 40),
                    s.get(JAVA_INT, 48),
                    s.get(JAVA_INT, 52),
                    s.get(JAVA_INT, 64),
                    s.get(JAVA_LONG, 72));
        }
    }

    int infoOfSize(int size) {
        try (Arena arena = Arena.ofConfined()) {
            return call(0, struct(arena, size, 0));
        }
    }

    int configure(long granule, int behaviour) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 24, 0);
            s.set(JAVA_LONG, 8, granule);
            s.set(JAVA_INT, 16, behaviour);
            return call(1, s);
        }
    }

    /** The bytes that were logged, or the negated errno. */
    long write(Range... ranges) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(16L * ranges.length, 8);
            for (int i = 0; i < ranges.length; i++) {
                list.set(JAVA_LONG, 16L * i, ranges[i].iova);
                list.set(JAVA_LONG, 16L * i + 8, ranges[i].length);
            }
            MemorySegment s = struct(arena, 32, 0);
            s.set(JAVA_INT, 8, ranges.length);
            s.set(JAVA_LONG, 16, list.address());
            int result = call(2, s);
            return result < 0 ? result : s.get(JAVA_LONG, 24);
        }
    }

    long write(long iova, long length) {
        return write(new Range(iova, length));
    }

    /** Reads the windows back and forgets them. */
    List<Range> windows() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 32, 1);
            int capacity = info().windows();
            MemorySegment list = arena.allocate(16L * capacity, 8);
            s.set(JAVA_INT, 8, capacity);
            s.set(JAVA_LONG, 16, list.address());
            Smoke.same(0, call(3, s), "WINDOWS");
            return ranges(list, s.get(JAVA_INT, 12));
        }
    }

    int windowsInto(int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 32, 1);
            s.set(JAVA_INT, 8, capacity);
            return call(3, s);
        }
    }

    Started started() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 40, 0);
            MemorySegment list = arena.allocate(16L * 256, 8);
            s.set(JAVA_INT, 24, 256);
            s.set(JAVA_LONG, 32, list.address());
            Smoke.same(0, call(4, s), "STARTED");
            return new Started(s.get(JAVA_LONG, 8), s.get(JAVA_LONG, 16), ranges(list, s.get(JAVA_INT, 28)));
        }
    }

    int pin(long iova, int pages, int flags) {
        return pinCall(5, iova, pages, flags);
    }

    int unpin(long iova, int pages) {
        return pinCall(6, iova, pages, 0);
    }

    private int pinCall(int number, long iova, int pages, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 24, flags);
            s.set(JAVA_LONG, 8, iova);
            s.set(JAVA_INT, 16, pages);
            return call(number, s);
        }
    }

    int dma(long iova, MemorySegment data, boolean write) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 32, write ? 1 : 0);
            s.set(JAVA_LONG, 8, iova);
            s.set(JAVA_INT, 16, (int) data.byteSize());
            s.set(JAVA_LONG, 24, data.address());
            return call(7, s);
        }
    }

    int unknown() {
        return call(8, MemorySegment.NULL);
    }

    /** The page size granted, or the negated errno. */
    long start(long pageSize, Range... ranges) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(16L * ranges.length, 8);
            for (int i = 0; i < ranges.length; i++) {
                list.set(JAVA_LONG, 16L * i, ranges[i].iova);
                list.set(JAVA_LONG, 16L * i + 8, ranges[i].length);
            }
            MemorySegment s = struct(arena, 32, 6 | FEATURE_SET);
            s.set(JAVA_LONG, 8, pageSize);
            s.set(JAVA_INT, 16, ranges.length);
            s.set(JAVA_LONG, 24, list.address());
            int result = Sys.ioctl(fd, 0x3b75, s);
            return result < 0 ? result : s.get(JAVA_LONG, 8);
        }
    }

    int stop() {
        try (Arena arena = Arena.ofConfined()) {
            return Sys.ioctl(fd, 0x3b75, struct(arena, 8, 7 | FEATURE_SET));
        }
    }

    int report(long iova, long length, long pageSize, MemorySegment bitmap) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = struct(arena, 40, 8 | FEATURE_GET);
            s.set(JAVA_LONG, 8, iova);
            s.set(JAVA_LONG, 16, length);
            s.set(JAVA_LONG, 24, pageSize);
            s.set(JAVA_LONG, 32, bitmap.address());
            return Sys.ioctl(fd, 0x3b75, s);
        }
    }

    private static List<Range> ranges(MemorySegment list, int count) {
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ranges.add(new Range(list.get(JAVA_LONG, 16L * i), list.get(JAVA_LONG, 16L * i + 8)));
        }
        return ranges;
    }
}
