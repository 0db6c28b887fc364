package dev.iovabitmap.vfio.mock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MockDeviceTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    private final Node node = new Node();

    /** A control node that decodes by hand, by the offsets of the header file. */
    private static final class Node implements Syscalls {
        private final List<String> calls = new ArrayList<>();
        private final OpenFiles files = new OpenFiles(this);
        private int open;
        private int version = 2;
        private int state;
        private int result;

        @Override
        public int open(String path) {
            open++;
            return 7;
        }

        @Override
        public boolean sameFile(int fd, int other) {
            return fd == other;
        }

        @Override
        public OpenFiles files() {
            return files;
        }

        @Override
        public Host host() {
            return new Host("", false);
        }

        @Override
        public int close(int fd) {
            open--;
            return 0;
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
            return -Errno.ENOTTY;
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
            assertEquals(struct.byteSize(), struct.get(ValueLayout.JAVA_INT, 0));
            long at8 = struct.get(ValueLayout.JAVA_LONG, 8);
            int low = (int) at8;
            switch (request.number()) {
                case 0xdc00 -> {
                    struct.set(ValueLayout.JAVA_INT, 8, version);
                    struct.set(ValueLayout.JAVA_INT, 32, state);
                    struct.set(ValueLayout.JAVA_INT, 52, 2);
                    return 0;
                }
                case 0xdc01 -> calls.add("configure " + at8 + " " + struct.get(ValueLayout.JAVA_INT, 16));
                case 0xdc02 -> {
                    assertEquals(pointedTo.address(), struct.get(ValueLayout.JAVA_LONG, 16));
                    calls.add("write "
                            + LongStream.range(0, 2L * low)
                                    .map(i -> pointedTo.get(ValueLayout.JAVA_LONG, 8 * i))
                                    .boxed()
                                    .toList());
                }
                case 0xdc03 -> {
                    struct.set(ValueLayout.JAVA_INT, 12, low);
                    for (int i = 0; i < 2 * low; i++) {
                        pointedTo.set(ValueLayout.JAVA_LONG, 8L * i, 100 + i);
                    }
                }
                case 0xdc07 -> calls.add("dma " + at8 + " " + struct.get(ValueLayout.JAVA_INT, 16));
                default -> calls.add(request.toString());
            }
            return result;
        }
    }

    @BeforeEach
    void makeDevice() throws IOException {
        Files.createDirectories(root.resolve("dev"));
        Files.createFile(root.resolve("dev/vfio_dirty_mock.0"));
        Path groups = Files.createDirectories(root.resolve("groups/42"));
        Path sysfs = Files.createDirectories(root.resolve("sys/bus/platform/devices/vfio_dirty_mock.0"));
        Files.createSymbolicLink(sysfs.resolve("iommu_group"), groups);
    }

    private MockDevice device() {
        return MockDevice.find(node, root, null).orElseThrow();
    }

    @Test
    void isFoundByNameAndByPath() {
        for (String name : new String[] {"vfio_dirty_mock.0", "/dev/vfio_dirty_mock.0"}) {
            try (MockDevice device = MockDevice.find(node, root, name).orElseThrow()) {
                assertEquals("vfio_dirty_mock.0", device.name());
            }
        }
        assertEquals(Optional.empty(), MockDevice.find(node, root, "vfio_dirty_mock.1"));
        assertEquals(Optional.empty(), MockDevice.find(node, root, "/dev/null"));
        assertEquals(0, node.open);
    }

    @Test
    void knowsItsGroupAndItsOwnFile() throws IOException {
        try (MockDevice device = device()) {
            assertEquals(Path.of("/dev/vfio/42"), device.group());
            assertEquals(Optional.empty(), device.cdev());
            Files.createDirectories(root.resolve("sys/bus/platform/devices/vfio_dirty_mock.0/vfio-dev/vfio3"));
            assertEquals(Optional.empty(), device.cdev(), "a kernel without the files names them all the same");
            Files.createDirectories(root.resolve("dev/vfio/devices"));
            Files.createFile(root.resolve("dev/vfio/devices/vfio3"));
            assertEquals(Optional.of(Path.of("/dev/vfio/devices/vfio3")), device.cdev());
        }
    }

    @Test
    void olderModuleIsRefusedAndClosed() {
        node.version = 0;
        assertThrows(IllegalStateException.class, this::device);
        assertEquals(0, node.open);
    }

    @Test
    void writesManyRangesInSeveralCalls() {
        try (MockDevice device = device()) {
            device.write(List.of(new IovaRange(1, 2), new IovaRange(-4096, 4096)));
            List<IovaRange> many = new ArrayList<>();
            for (int i = 0; i < 4097; i++) {
                many.add(new IovaRange(i, 1));
            }
            device.write(many);
        }
        assertEquals("write [1, 2, -4096, 4096]", node.calls.get(0));
        assertEquals(3, node.calls.size());
        assertEquals("write [4096, 1]", node.calls.get(2));
    }

    @Test
    void copiesAtMostAMebibyteAtOnce() {
        try (MockDevice device = device()) {
            device.writeMemory(4096, 2 * MIB + 5);
        }
        assertEquals(
                List.of("dma 4096 1048576", "dma " + (4096 + MIB) + " 1048576", "dma " + (4096 + 2 * MIB) + " 5"),
                node.calls);
    }

    @Test
    void handsOutWindowsAndState() {
        node.state = 2;
        try (MockDevice device = device()) {
            assertTrue(device.isLogging());
            node.state = 1;
            assertFalse(device.isLogging());
            assertEquals(List.of(new IovaRange(100, 101), new IovaRange(102, 103)), device.takeWindows());
        }
    }

    @Test
    void refusalSurfaces() {
        try (MockDevice device = device()) {
            node.result = -Errno.EINVAL;
            var refused = assertThrows(IoctlException.class, () -> device.configure(12345, 0));
            assertEquals("VFIO_DIRTY_MOCK_CONFIGURE", refused.call());
            assertEquals(Errno.EINVAL, refused.errno());
        }
    }

    @Test
    void variantsHaveNamesOfTheirOwn() {
        for (boolean cdev : new boolean[] {false, true}) {
            List<LogVariant> variants = LogVariant.of(cdev);
            List<String> names = variants.stream().map(LogVariant::name).toList();
            assertEquals(names.stream().distinct().toList(), names);
            assertEquals(cdev, variants.stream().anyMatch(LogVariant::throughCdev));
            for (LogVariant variant : variants) {
                assertEquals(variant, LogVariant.named(variant.name(), variants));
            }
            assertThrows(IllegalArgumentException.class, () -> LogVariant.named("6.1", variants));
        }
    }
}
