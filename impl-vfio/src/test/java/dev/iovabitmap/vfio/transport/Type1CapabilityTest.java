package dev.iovabitmap.vfio.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.CapabilityHeader;
import dev.iovabitmap.vfio.uapi.Type1.Info;
import dev.iovabitmap.vfio.uapi.Type1.Migration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container says of itself is followed only as far as it makes sense. */
class Type1CapabilityTest {
    private static final long FIRST = Info.LAYOUT.byteSize();
    private static final long MIGRATION = Migration.LAYOUT.byteSize();
    private static final long HEADER = CapabilityHeader.LAYOUT.byteSize();
    private static final int ANOTHER = 1;

    private static final Optional<Type1Capability> FOUND = Optional.of(new Type1Capability(4096, 1 << 28));

    /** Tells its size, and the rest where there is room for all of it. */
    private record Container(long size, long flags, Consumer<MemorySegment> capabilities) implements Syscalls {
        @Override
        public int open(String path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean sameFile(int fd, int other) {
            return fd == other;
        }

        @Override
        public OpenFiles files() {
            return new OpenFiles(this);
        }

        @Override
        public Host host() {
            return new Host("", false);
        }

        @Override
        public int close(int fd) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
            assertEquals(Ioctl.VFIO_IOMMU_GET_INFO, request);
            assertEquals(struct.byteSize(), Info.ARGSZ.get(struct));
            Info.ARGSZ.set(struct, size);
            Info.FLAGS.set(struct, flags);
            if (struct.byteSize() >= size && size > FIRST) {
                Info.CAP_OFFSET.set(struct, FIRST);
                capabilities.accept(struct);
            }
            return 0;
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
            throw new UnsupportedOperationException();
        }
    }

    private static Optional<Type1Capability> of(long size, long flags, Consumer<MemorySegment> capabilities) {
        Container container = new Container(size, flags, capabilities);
        try (Arena arena = Arena.ofConfined()) {
            return Type1Capability.of(new Caller(container, arena), Descriptor.adopt(container, "container", 3));
        }
    }

    private static Optional<Type1Capability> of(long size, Consumer<MemorySegment> capabilities) {
        return of(size, Info.PGSIZES | Info.CAPS, capabilities);
    }

    private static void migration(MemorySegment info, long at) {
        MemorySegment capability = info.asSlice(at);
        Migration.ID.set(capability, Migration.CAPABILITY);
        Migration.PGSIZE_BITMAP.set(capability, 1 << 12 | 1 << 21);
        Migration.MAX_DIRTY_BITMAP_SIZE.set(capability, 1 << 28);
    }

    private static void another(MemorySegment info, long at, long next) {
        MemorySegment capability = info.asSlice(at);
        CapabilityHeader.ID.set(capability, ANOTHER);
        CapabilityHeader.NEXT.set(capability, next);
    }

    @Test
    void isFoundAtTheFrontAndBehindAnother() {
        assertEquals(FOUND, of(FIRST + MIGRATION, info -> migration(info, FIRST)));
        assertEquals(FOUND, of(FIRST + HEADER + MIGRATION, info -> {
            another(info, FIRST, FIRST + HEADER);
            migration(info, FIRST + HEADER);
        }));
    }

    @Test
    void isNotThere() {
        assertEquals(Optional.empty(), of(FIRST, info -> {}));
        assertEquals(Optional.empty(), of(FIRST + HEADER, info -> another(info, FIRST, 0)));
        assertEquals(Optional.empty(), of(FIRST + MIGRATION, Info.PGSIZES, info -> migration(info, FIRST)));
    }

    @Test
    void withoutPageSizesIsNone() {
        assertEquals(Optional.empty(), of(FIRST + MIGRATION, info -> {
            migration(info, FIRST);
            Migration.PGSIZE_BITMAP.set(info.asSlice(FIRST), 0);
        }));
    }

    /** Back, to itself, into the fixed part, past the end, and to where no header fits any more. */
    @ParameterizedTest
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // one that led back would never end
    @ValueSource(longs = {1, 8, 24, 25, 31, 33, 40, 1 << 20, 0xffffffffL})
    void aChainThatLeadsNowhereEnds(long next) {
        assertEquals(Optional.empty(), of(FIRST + 2 * HEADER, info -> another(info, FIRST, next)));
    }

    @Test
    void oneThatIsCutOffIsNotRead() {
        assertEquals(
                Optional.empty(),
                of(FIRST + HEADER, info -> CapabilityHeader.ID.set(info.asSlice(FIRST), Migration.CAPABILITY)));
    }

    @Test
    void moreThanAnyKernelSaysIsRefused() {
        assertEquals(FOUND, of(1 << 20, info -> migration(info, FIRST)));
        assertThrows(IllegalStateException.class, () -> of((1 << 20) + 1, info -> migration(info, FIRST)));
    }
}
