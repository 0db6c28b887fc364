package dev.iovabitmap.vfio.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On files that every Linux has, and that know none of our calls. */
@EnabledOnOs(OS.LINUX)
class LinuxSyscallsTest {
    private static final String FILE = "/dev/null";

    private final Syscalls linux = Syscalls.linux();

    @Test
    void opensAndClosesOnce() {
        int fd = linux.open(FILE);
        assertTrue(fd >= 0, () -> "open: " + fd);
        assertTrue(Files.exists(Path.of("/proc/self/fd/" + fd)));
        assertEquals(0, linux.close(fd));
        assertEquals(-Errno.EBADF, linux.close(fd));
    }

    @Test
    void leavesNothingToChildren() throws IOException {
        int fd = linux.open(FILE);
        try {
            String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(02000002, Integer.parseInt(flags.substring(6).strip(), 8) & 02000003, "O_CLOEXEC | O_RDWR");
        } finally {
            linux.close(fd);
        }
    }

    @Test
    void returnsTheErrorNumber() {
        assertEquals(-Errno.ENOENT, linux.open("/dev/no/such/file"));
        int fd = linux.open(FILE);
        try (Arena arena = Arena.ofConfined()) {
            CallMemory memory = new CallMemory(arena);
            MemorySegment struct = memory.struct(8);
            assertEquals(-Errno.ENOTTY, linux.ioctl(memory, fd, Ioctl.VFIO_DEVICE_FEATURE, struct, MemorySegment.NULL));
            assertEquals(-Errno.ENOTTY, linux.ioctl(memory, fd, Ioctl.VFIO_GET_API_VERSION, 0));
        } finally {
            linux.close(fd);
        }
    }

    @Test
    void tellsWhetherTwoDescriptorsAreOneFile() {
        int first = linux.open(FILE);
        int second = linux.open(FILE);
        try {
            assertTrue(linux.sameFile(first, first));
            assertFalse(linux.sameFile(first, second));
            assertFalse(linux.sameFile(first, 1 << 20));
        } finally {
            linux.close(first);
            linux.close(second);
        }
    }

    @Test
    void throwsWhenMemoryOfTheCallIsGone() {
        int fd = linux.open(FILE);
        try (Arena arena = Arena.ofConfined()) {
            CallMemory memory = new CallMemory(arena);
            Arena gone = Arena.ofShared();
            MemorySegment bitmap = gone.allocate(8);
            gone.close();
            assertThrows(
                    IllegalStateException.class,
                    () -> linux.ioctl(memory, fd, Ioctl.VFIO_DEVICE_FEATURE, memory.struct(8), bitmap));
        } finally {
            linux.close(fd);
        }
    }

    @Test
    void aDescriptorGivesItsNumberToNobodyOnceClosed() {
        Descriptor descriptor = Descriptor.open(linux, FILE);
        int fd = descriptor.number();
        Descriptor adopted = Descriptor.adopt(linux, "adopted", fd);
        adopted.close();
        assertTrue(Files.exists(Path.of("/proc/self/fd/" + fd)), "what is adopted is not closed");
        assertThrows(IllegalStateException.class, adopted::number);
        descriptor.close();
        descriptor.close();
        assertFalse(Files.exists(Path.of("/proc/self/fd/" + fd)));
        var refusal = assertThrows(IllegalStateException.class, descriptor::number);
        assertEquals("/dev/null is closed", refusal.getMessage());
    }

    @Test
    void saysWhichCallFailed() {
        var failure = assertThrows(IoctlException.class, () -> Descriptor.open(linux, "/dev/no/such/file"));
        assertEquals("open", failure.call());
        assertEquals("/dev/no/such/file", failure.arguments());
        assertEquals(Errno.ENOENT, failure.errno());
        assertEquals("open failed with ENOENT (2): /dev/no/such/file", failure.getMessage());
    }
}
