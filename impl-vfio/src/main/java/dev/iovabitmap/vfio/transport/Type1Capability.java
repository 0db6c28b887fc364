package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.CapabilityHeader;
import dev.iovabitmap.vfio.uapi.Type1.Info;
import dev.iovabitmap.vfio.uapi.Type1.Migration;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What a container says of its dirty tracking.
 *
 * @param pageSize the page size of a bit, the smallest that the IOMMU maps
 * @param maxBitmapSize the size of the largest bitmap in bytes, unsigned
 */
public record Type1Capability(long pageSize, long maxBitmapSize) {
    /** More than any kernel answers with; a longer answer is refused instead of believed. */
    private static final long MAX_INFO = 1 << 20;

    /**
     * Asks a container.
     *
     * @param caller the asking owner's
     * @param container the container, with an IOMMU set
     * @return what it can do; empty if it cannot track
     */
    public static Optional<Type1Capability> of(Caller caller, Descriptor container) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(Info.LAYOUT);
            ask(caller, container, info);
            long needed = Info.ARGSZ.get(info);
            if (needed > MAX_INFO) {
                throw new IllegalStateException(
                        container + " has " + needed + " bytes of information, too many to be true");
            }
            if (needed > info.byteSize()) {
                info = arena.allocate(needed, Long.BYTES);
                ask(caller, container, info);
            }
            return (Info.FLAGS.get(info) & Info.CAPS) == 0 ? Optional.empty() : find(info);
        }
    }

    /**
     * Tells whether the container can track a mapping. It refuses to track anything while it has one that it cannot.
     *
     * @param mapping the mapping
     * @return whether its pages are fewer than the bits of the largest bitmap
     */
    boolean hasRoomFor(IovaRange mapping) {
        return Unsigned.less(mapping.length() >>> Long.numberOfTrailingZeros(pageSize), maxBitmapSize << 3);
    }

    private static void ask(Caller caller, Descriptor container, MemorySegment info) {
        Info.ARGSZ.set(info, info.byteSize());
        int result = caller.ask(container, Ioctl.VFIO_IOMMU_GET_INFO, info, MemorySegment.NULL);
        Caller.requireDone(result, Ioctl.VFIO_IOMMU_GET_INFO.name(), container.toString());
    }

    /** Follows the chain of capabilities, which only leads forward, so that it ends whatever stands there. */
    private static Optional<Type1Capability> find(MemorySegment info) {
        long at = Info.CAP_OFFSET.get(info);
        long end = info.byteSize();
        while (at >= Info.LAYOUT.byteSize() && at <= end - CapabilityHeader.LAYOUT.byteSize()) {
            MemorySegment capability = info.asSlice(at);
            if (CapabilityHeader.ID.get(capability) == Migration.CAPABILITY
                    && capability.byteSize() >= Migration.LAYOUT.byteSize()
                    && Migration.PGSIZE_BITMAP.get(capability) != 0) {
                return Optional.of(new Type1Capability(
                        Long.lowestOneBit(Migration.PGSIZE_BITMAP.get(capability)),
                        Migration.MAX_DIRTY_BITMAP_SIZE.get(capability)));
            }
            long next = CapabilityHeader.NEXT.get(capability);
            if (next <= at) {
                break;
            }
            at = next;
        }
        return Optional.empty();
    }
}
