package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A hardware page table of IOMMUFD, whose entries carry dirty bits. It tracks what is mapped. */
public final class PageTableDirty implements Transport {
    private final Caller caller;
    private final Descriptor iommufd;
    private final int pageTable;
    private final long granule;
    private final List<IovaRange> mappings;
    private List<IovaRange> units = List.of();

    /**
     * Creates the transport.
     *
     * @param caller the session's
     * @param iommufd the file that the page table belongs to
     * @param pageTable its id
     * @param granule the smallest page size of the IOMMU
     * @param mappings the mappings, ascending
     */
    public PageTableDirty(Caller caller, Descriptor iommufd, int pageTable, long granule, List<IovaRange> mappings) {
        this.caller = caller;
        this.iommufd = iommufd;
        this.pageTable = pageTable;
        this.granule = granule;
        this.mappings = List.copyOf(mappings);
    }

    @Override
    public void start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        track(true);
        units = mappings.stream()
                .filter(this::isReportable)
                .filter(mapping -> ranges.stream()
                        .anyMatch(range -> range.intersection(mapping).isPresent()))
                .toList();
    }

    @Override
    public long granule() {
        return granule;
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
        return ReportUnits.isReportable(mapping, granule);
    }

    @Override
    public void report(IovaRange unit, MemorySegment bitmap, boolean clear) {
        MemorySegment struct = caller.struct(GetDirtyBitmap.LAYOUT.byteSize());
        GetDirtyBitmap.SIZE.set(struct, struct.byteSize());
        GetDirtyBitmap.HWPT_ID.set(struct, pageTable);
        GetDirtyBitmap.FLAGS.set(struct, clear ? 0 : GetDirtyBitmap.NO_CLEAR);
        GetDirtyBitmap.IOVA.set(struct, unit.iova());
        GetDirtyBitmap.LENGTH.set(struct, unit.length());
        GetDirtyBitmap.PAGE_SIZE.set(struct, granule);
        GetDirtyBitmap.DATA.set(struct, bitmap.address());
        caller.call(
                iommufd,
                Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                struct,
                bitmap,
                Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP.name(),
                "hwpt_id=" + pageTable + " iova=" + Unsigned.hex(unit.iova()) + " length=" + Unsigned.hex(unit.length())
                        + " page_size=" + Unsigned.hex(granule) + (clear ? "" : " NO_CLEAR"));
    }

    @Override
    public boolean canPeek() {
        return true;
    }

    /** {@inheritDoc} IOMMUFD has no such call: the session reports, and then unmaps. */
    @Override
    public boolean unmapAndReport(IovaRange mapping, MemorySegment bitmap) {
        return false;
    }

    @Override
    public void stop() {
        track(false);
    }

    private void track(boolean enable) {
        MemorySegment struct = caller.struct(SetDirtyTracking.LAYOUT.byteSize());
        SetDirtyTracking.SIZE.set(struct, struct.byteSize());
        SetDirtyTracking.FLAGS.set(struct, enable ? SetDirtyTracking.ENABLE : 0);
        SetDirtyTracking.HWPT_ID.set(struct, pageTable);
        caller.call(
                iommufd,
                Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING,
                struct,
                "hwpt_id=" + pageTable + (enable ? " ENABLE" : " disable"));
    }
}
