package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Bitmap;
import dev.iovabitmap.vfio.uapi.Type1.Dirty;
import dev.iovabitmap.vfio.uapi.Type1.DirtyGet;
import dev.iovabitmap.vfio.uapi.Type1.Unmap;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A type1 container, through {@code VFIO_IOMMU_DIRTY_PAGES}. It tracks what is mapped; pinned pages stay dirty. */
public final class Type1Dirty implements Transport {
    private final Caller caller;
    private final Descriptor container;
    private final Type1Capability capability;
    private final List<IovaRange> mappings;
    private List<IovaRange> units = List.of();

    /**
     * Creates the transport.
     *
     * @param caller the session's
     * @param container the container
     * @param capability what the container can track
     * @param mappings its mappings, ascending
     */
    public Type1Dirty(Caller caller, Descriptor container, Type1Capability capability, List<IovaRange> mappings) {
        this.caller = caller;
        this.container = container;
        this.capability = capability;
        this.mappings = List.copyOf(mappings);
    }

    @Override
    public void start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        simple(Dirty.START, "START");
        units = mappings.stream()
                .filter(this::isReportable)
                .filter(mapping -> ranges.stream()
                        .anyMatch(range -> range.intersection(mapping).isPresent()))
                .toList();
    }

    @Override
    public long granule() {
        return capability.pageSize();
    }

    @Override
    public List<IovaRange> units() {
        return units;
    }

    @Override
    public boolean tracksMappings() {
        return true;
    }

    @Override
    public boolean isReportable(IovaRange mapping) {
        boolean wraps = mapping.iova() + mapping.length() == 0; // the kernel computes the end, not the last address
        return !wraps
                && ReportUnits.isReportable(mapping, granule())
                && !Unsigned.less(capability.maxBitmapSize(), ReportUnits.bitmapBytes(mapping, granule()));
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
                container,
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
    public boolean unmapAndReport(IovaRange mapping, MemorySegment bitmap) {
        long headerSize = Unmap.LAYOUT.byteSize();
        MemorySegment struct = caller.struct(headerSize + Bitmap.LAYOUT.byteSize());
        Unmap.ARGSZ.set(struct, struct.byteSize());
        Unmap.FLAGS.set(struct, Unmap.GET_DIRTY_BITMAP);
        Unmap.IOVA.set(struct, mapping.iova());
        Unmap.SIZE.set(struct, mapping.length());
        MemorySegment to = struct.asSlice(headerSize);
        Bitmap.PGSIZE.set(to, granule());
        Bitmap.SIZE.set(to, ReportUnits.bitmapBytes(mapping, granule()));
        Bitmap.DATA.set(to, bitmap.address());
        caller.call(
                container,
                Ioctl.VFIO_IOMMU_UNMAP_DMA,
                struct,
                bitmap,
                "VFIO_IOMMU_UNMAP_DMA GET_DIRTY_BITMAP",
                show(mapping));
        return true;
    }

    @Override
    public void stop() {
        simple(Dirty.STOP, "STOP");
    }

    private void simple(int flag, String name) {
        MemorySegment struct = dirty(flag, 0);
        caller.call(
                container,
                Ioctl.VFIO_IOMMU_DIRTY_PAGES,
                struct,
                MemorySegment.NULL,
                "VFIO_IOMMU_DIRTY_PAGES " + name,
                container.toString());
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
