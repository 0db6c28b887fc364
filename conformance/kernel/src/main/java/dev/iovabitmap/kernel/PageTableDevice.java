package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.mock.MockPageTable;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** IOMMUFD's mock IOMMU with some memory mapped from its first address on, asked by single calls and not by a session. */
final class PageTableDevice implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final Caller caller = new Caller(Syscalls.linux(), arena);
    private final MockPageTable table;
    private final IovaRange mapped;
    private final AddressSpace space;

    private PageTableDevice(boolean huge, long size) {
        table = huge ? MockPageTable.openHuge(Syscalls.linux()) : MockPageTable.open(Syscalls.linux());
        mapped = new IovaRange(MockPageTable.FIRST, size);
        MockPageTable.Handle handle = table.handle();
        space = Vfio.linux()
                .adoptAddressSpace(handle.iommufd().number(), handle.ioas(), List.of(handle.id()), List.of());
        space.map(
                mapped.iova(),
                huge ? ContiguousMemory.allocate(arena, size) : arena.allocate(size, MockPageTable.HUGE_PAGE_SIZE));
    }

    /** {@return one that maps by pages} */
    static PageTableDevice open(long size) {
        return new PageTableDevice(false, size);
    }

    /** {@return one that maps by huge pages} */
    static PageTableDevice openHuge(long size) {
        return new PageTableDevice(true, size);
    }

    IovaRange mapped() {
        return mapped;
    }

    void track(boolean enable) {
        MemorySegment struct = caller.struct(SetDirtyTracking.LAYOUT.byteSize());
        SetDirtyTracking.SIZE.set(struct, struct.byteSize());
        SetDirtyTracking.FLAGS.set(struct, enable ? SetDirtyTracking.ENABLE : 0);
        SetDirtyTracking.HWPT_ID.set(struct, table.handle().id());
        caller.call(table.handle().iommufd(), Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, struct, "enable=" + enable);
    }

    void write(IovaRange range) {
        table.write(range.iova(), range.length());
    }

    /** Marks the pages of the mock IOMMU whose bits are set, and returns how many. */
    long mark(long iova, long length, MemorySegment pages) {
        return table.mark(iova, length, pages);
    }

    /** {@return 0, or the negated error number} */
    int get(long iova, long length, long pageSize, boolean clear, MemorySegment bitmap, MemorySegment memory) {
        MemorySegment struct = caller.struct(GetDirtyBitmap.LAYOUT.byteSize());
        GetDirtyBitmap.SIZE.set(struct, struct.byteSize());
        GetDirtyBitmap.HWPT_ID.set(struct, table.handle().id());
        GetDirtyBitmap.FLAGS.set(struct, clear ? 0 : GetDirtyBitmap.NO_CLEAR);
        GetDirtyBitmap.IOVA.set(struct, iova);
        GetDirtyBitmap.LENGTH.set(struct, length);
        GetDirtyBitmap.PAGE_SIZE.set(struct, pageSize);
        GetDirtyBitmap.DATA.set(struct, bitmap.address());
        return caller.ask(table.handle().iommufd(), Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP, struct, memory);
    }

    @Override
    public void close() {
        try (arena;
                table) {
            space.close();
        }
    }
}
