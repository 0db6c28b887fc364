package dev.iovabitmap.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory of which each 2 MiB are physically contiguous, from the mock device. A guest without hugetlbfs has no other, and an
 * IOMMU maps nothing else by huge entries. A file channel cannot map a device, so this calls mmap.
 */
final class ContiguousMemory {
    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;

    private ContiguousMemory() {}

    /** {@return that much of it, until the arena is closed} */
    static MemorySegment allocate(Arena arena, long size) {
        try (Descriptor device = Descriptor.open(Syscalls.linux(), "/dev/vfio_dirty_mock.0")) {
            return map(arena, device.number(), size);
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment map(Arena arena, int fd, long size) {
        Linker linker = Linker.nativeLinker();
        MethodHandle mmap = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("mmap"),
                FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        MethodHandle munmap = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("munmap"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        try {
            MemorySegment mapped =
                    (MemorySegment) mmap.invokeExact(MemorySegment.NULL, size, READ_WRITE, SHARED, fd, 0L);
            if (mapped.address() == -1) {
                throw new IllegalStateException("the mock device maps no " + size + " bytes");
            }
            return mapped.reinterpret(size, arena, whole -> unmap(munmap, whole));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // a method handle declares it
        }
    }

    private static void unmap(MethodHandle munmap, MemorySegment whole) {
        try {
            int result = (int) munmap.invokeExact(whole, whole.byteSize());
            if (result != 0) {
                throw new IllegalStateException("munmap failed");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
