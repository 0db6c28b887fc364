package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.OpenFile;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Dirty;
import dev.iovabitmap.vfio.uapi.Type1.DirtyGet;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type1 container, through {@code VFIO_IOMMU_DIRTY_PAGES}. It tracks what is mapped; pinned pages stay dirty. */
public final class Type1Dirty implements MappingTransport {
    private final Caller caller;
    private final OpenFile container;
    private Type1Capability capability = new Type1Capability(1, 0);

    /**
     * Creates the transport.
     *
     * @param caller makes the calls
     * @param container the container
     */
    public Type1Dirty(Caller caller, OpenFile container) {
        this.caller = caller;
        this.container = container;
    }

    /**
     * Asks whether the container tracks, with what is mapped there.
     *
     * @param mappings what is mapped
     * @return why it does not, or null if it does
     */
    public @Nullable String whyNot(List<IovaRange> mappings) {
        Type1Capability asked =
                Type1Capability.of(caller, container.descriptor()).orElse(null);
        if (asked == null) {
            return "the container has no IOMMU that tracks";
        }
        capability = asked;
        return mappings.stream()
                .filter(mapping -> !asked.hasRoomFor(mapping))
                .findFirst()
                .map(mapping -> mapping + " is mapped, which has more pages than the container tracks")
                .orElse(null);
    }

    @Override
    public String kind() {
        return "type1";
    }

    @Override
    public void start() {
        simple(Dirty.START, "START");
    }

    @Override
    public long granule() {
        return capability.pageSize();
    }

    @Override
    public boolean isReportable(IovaRange mapping) {
        boolean wraps = mapping.iova() + mapping.length() == 0; // the kernel computes the end, not the last address
        return !wraps && ReportUnits.isReportable(mapping, granule()) && capability.hasRoomFor(mapping);
    }

    @Override
    public void report(IovaRange unit, MemorySegment bitmap, boolean clear) {
        long headerSize = Dirty.LAYOUT.byteSize();
        MemorySegment struct = dirty(Dirty.GET_BITMAP, DirtyGet.LAYOUT.byteSize());
        MemorySegment get = struct.asSlice(headerSize);
        DirtyGet.IOVA.set(get, unit.iova());
        DirtyGet.SIZE.set(get, unit.length());
        DirtyGet.PGSIZE.set(get, granule());
        DirtyGet.BITMAP_SIZE.set(get, ReportUnits.bitmapBytes(unit, granule()));
        DirtyGet.BITMAP_DATA.set(get, bitmap.address());
        caller.call(
                container.descriptor(),
                Ioctl.VFIO_IOMMU_DIRTY_PAGES,
                struct,
                bitmap,
                "VFIO_IOMMU_DIRTY_PAGES GET_BITMAP",
                show(unit) + " pgsize=" + Unsigned.hex(granule()));
    }

    @Override
    public boolean canPeek() {
        return false;
    }

    @Override
    public void stop() {
        simple(Dirty.STOP, "STOP");
    }

    private void simple(int flag, String name) {
        MemorySegment struct = dirty(flag, 0);
        caller.call(
                container.descriptor(),
                Ioctl.VFIO_IOMMU_DIRTY_PAGES,
                struct,
                MemorySegment.NULL,
                "VFIO_IOMMU_DIRTY_PAGES " + name,
                container.descriptor().toString());
    }

    private MemorySegment dirty(int flag, long payload) {
        MemorySegment struct = caller.struct(Dirty.LAYOUT.byteSize() + payload);
        Dirty.ARGSZ.set(struct, struct.byteSize());
        Dirty.FLAGS.set(struct, flag);
        return struct;
    }

    private static String show(IovaRange range) {
        return "iova=" + Unsigned.hex(range.iova()) + " size=" + Unsigned.hex(range.length());
    }
}
