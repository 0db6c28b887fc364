package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** An IOAS: what is mapped, for every page table that is made from it. It has limits only while there is one. */
final class AddressSpace extends IommufdObject {
    /** A mapping. Whether its memory is there matters once a page table needs it. */
    record Area(Interval iovas, long offsetInPage, boolean writable, boolean memoryIsThere) {}

    private final SimulatedKernel kernel;
    private final TreeMap<Long, Area> areas = new TreeMap<>(U64::compare);
    private final Set<PageTable> tables = new LinkedHashSet<>();
    private boolean hugePages = true;

    AddressSpace(SimulatedKernel kernel) {
        this.kernel = kernel;
    }

    /** The alignment that mappings and reports need: none before there is a page table. */
    long alignment() {
        long alignment = hugePages ? 1 : UserMemory.PAGE;
        for (PageTable table : tables) {
            alignment = Math.max(alignment, table.iommu().smallestPage());
        }
        return alignment;
    }

    Interval aperture() {
        Interval common = new Interval(0, -1);
        for (PageTable table : tables) {
            Interval aperture = table.iommu().aperture();
            common = common.cut(aperture.first(), aperture.last());
        }
        return common;
    }

    void add(PageTable table) {
        Interval aperture = table.iommu().aperture();
        long mask = table.iommu().smallestPage() - 1;
        for (Area area : areas.values()) {
            Interval iovas = area.iovas();
            KernelError.unless(aperture.contains(iovas.first()) && aperture.contains(iovas.last()), Errno.EADDRINUSE);
            KernelError.unless(
                    ((iovas.first() | iovas.last() + 1 | area.offsetInPage()) & mask) == 0, Errno.EADDRINUSE);
            KernelError.unless(area.memoryIsThere(), Errno.EFAULT);
        }
        tables.add(table);
        get();
    }

    void remove(PageTable table) {
        tables.remove(table);
        put();
    }

    /** Whether page tables may have entries larger than the smallest page. */
    boolean hugePages() {
        return hugePages;
    }

    /** Sets the option. What is mapped in a page table cannot be taken apart. */
    void hugePages(boolean allowed) {
        if (hugePages && !allowed) {
            KernelError.unless(tables.isEmpty() || areas.isEmpty(), Errno.EINVAL);
            for (Area area : areas.values()) {
                long bits = area.iovas().first() | (area.iovas().last() + 1) | area.offsetInPage();
                KernelError.unless((bits & (UserMemory.PAGE - 1)) == 0, Errno.EADDRINUSE);
            }
        }
        hugePages = allowed;
    }

    /** The page table for devices that attach to this address space itself. */
    PageTable automatic(IommufdObjects objects, SimulatedIommu iommu) {
        for (PageTable table : tables) {
            if (table.isAutomatic() && table.iommu().equals(iommu)) {
                return table;
            }
        }
        PageTable created = new PageTable(kernel, this, iommu, false, true);
        objects.add(created);
        return created;
    }

    void map(long iova, long length, long userVa, boolean writable, boolean memoryIsThere) {
        long mask = alignment() - 1;
        KernelError.unless(length != 0 && ((iova | length) & mask) == 0, Errno.EINVAL);
        KernelError.unless(!U64.sumOverflows(iova, length - 1), Errno.EOVERFLOW);
        Interval iovas = new Interval(iova, iova + length - 1);
        KernelError.unless(aperture().contains(iovas.first()) && aperture().contains(iovas.last()), Errno.EINVAL);
        KernelError.unless(within(iovas.first(), iovas.last()).isEmpty(), Errno.EEXIST);
        KernelError.unless((userVa & mask) == 0, Errno.EINVAL);
        KernelError.unless(memoryIsThere || tables.isEmpty(), Errno.EFAULT);
        areas.put(iova, new Area(iovas, userVa % UserMemory.PAGE, writable, memoryIsThere));
    }

    /** The lowest free address for a mapping. */
    long place(long length, long userVa) {
        long alignment = Math.max(Long.lowestOneBit(userVa | Long.highestOneBit(length)), alignment());
        Interval aperture = aperture();
        long at = U64.roundUp(aperture.first(), alignment);
        for (Area area : areas.values()) {
            if (!U64.less(area.iovas().first(), at) && !U64.less(area.iovas().first() - at, length)) {
                break;
            }
            at = U64.max(at, U64.roundUp(area.iovas().last() + 1, alignment));
        }
        KernelError.unless(aperture.contains(at) && !U64.less(aperture.last() - at, length - 1), Errno.ENOSPC);
        return at;
    }

    /** Unmaps whole areas, one by one, until one does not lie within the range; returns how many bytes. */
    long unmap(long first, long last) {
        long unmapped = 0;
        for (Area area : within(first, last)) {
            Interval iovas = area.iovas();
            KernelError.unless(!U64.less(iovas.first(), first) && !U64.less(last, iovas.last()), Errno.ENOENT);
            areas.remove(iovas.first());
            tables.forEach(table -> table.forget(iovas));
            unmapped += iovas.last() - iovas.first() + 1;
        }
        return unmapped;
    }

    List<Area> within(long first, long last) {
        Long from = areas.floorKey(first);
        return (from == null ? areas : areas.tailMap(from, true))
                .headMap(last, true).values().stream()
                        .filter(area -> area.iovas().overlaps(first, last))
                        .toList();
    }

    /** What may be mapped, whether or not it is. */
    List<Interval> allowed() {
        return List.of(aperture());
    }

    @Override
    void destroy() {
        areas.clear();
    }

    @Override
    Held held() {
        long pinned = 0;
        for (Area area : areas.values()) {
            pinned += tables.isEmpty() ? 0 : area.iovas().last() - area.iovas().first() + 1;
        }
        return new Held(0, 0, areas.size(), 0, 0, pinned);
    }
}
