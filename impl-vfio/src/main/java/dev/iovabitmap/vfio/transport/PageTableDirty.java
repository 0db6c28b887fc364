package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.OpenFile;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.IovaRange;
import dev.iovabitmap.vfio.uapi.Iommufd.IovaRanges;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A hardware page table of IOMMUFD, whose entries carry dirty bits. It tracks what is mapped. */
public final class PageTableDirty implements MappingTransport {
    private static final int MAX_ALLOWED_RANGES = 64;

    /** What is taken for the IOMMU's page size where it tells none. */
    private static final long USUAL_PAGE_SIZE = 4096;

    private final Caller caller;
    private final OpenFile iommufd;
    private final int ioas;
    private final int pageTable;
    private long granule;

    /**
     * Creates the transport.
     *
     * @param caller makes the calls
     * @param iommufd the file that the page table belongs to
     * @param ioas the id of its address space
     * @param pageTable its id
     */
    public PageTableDirty(Caller caller, OpenFile iommufd, int ioas, int pageTable) {
        this.caller = caller;
        this.iommufd = iommufd;
        this.ioas = ioas;
        this.pageTable = pageTable;
    }

    /** {@return the id of the page table} */
    public int id() {
        return pageTable;
    }

    @Override
    public String kind() {
        return "iommufd";
    }

    @Override
    public void start() {
        granule = smallestPage();
        track(true);
    }

    /** The smallest page of the IOMMU, to which all mappings are aligned. */
    private long smallestPage() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment allowed = arena.allocate(IovaRange.LAYOUT, MAX_ALLOWED_RANGES);
            MemorySegment ranges = caller.struct(IovaRanges.LAYOUT.byteSize());
            IovaRanges.SIZE.set(ranges, ranges.byteSize());
            IovaRanges.IOAS_ID.set(ranges, ioas);
            IovaRanges.NUM_IOVAS.set(ranges, MAX_ALLOWED_RANGES);
            IovaRanges.ALLOWED_IOVAS.set(ranges, allowed.address());
            int result = caller.ask(iommufd.descriptor(), Ioctl.IOMMU_IOAS_IOVA_RANGES, ranges, allowed);
            if (result
                    != -Errno.EMSGSIZE) { // more ranges than there is room for; the kernel fills in the alignment all
                // the same
                Caller.requireDone(result, Ioctl.IOMMU_IOAS_IOVA_RANGES.name(), "ioas_id=" + ioas);
            }
            long alignment = IovaRanges.OUT_IOVA_ALIGNMENT.get(ranges);
            return alignment > 1 && Unsigned.isPowerOfTwo(alignment) ? alignment : USUAL_PAGE_SIZE;
        }
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public boolean isReportable(dev.iovabitmap.IovaRange mapping) {
        return ((mapping.iova() | mapping.length()) & (granule - 1)) == 0 && ReportUnits.isReportable(mapping, granule);
    }

    @Override
    public void report(dev.iovabitmap.IovaRange unit, MemorySegment bitmap, boolean clear) {
        MemorySegment struct = caller.struct(GetDirtyBitmap.LAYOUT.byteSize());
        GetDirtyBitmap.SIZE.set(struct, struct.byteSize());
        GetDirtyBitmap.HWPT_ID.set(struct, pageTable);
        GetDirtyBitmap.FLAGS.set(struct, clear ? 0 : GetDirtyBitmap.NO_CLEAR);
        GetDirtyBitmap.IOVA.set(struct, unit.iova());
        GetDirtyBitmap.LENGTH.set(struct, unit.length());
        GetDirtyBitmap.PAGE_SIZE.set(struct, granule);
        GetDirtyBitmap.DATA.set(struct, bitmap.address());
        caller.call(
                iommufd.descriptor(),
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
                iommufd.descriptor(),
                Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING,
                struct,
                "hwpt_id=" + pageTable + (enable ? " ENABLE" : " disable"));
    }
}
