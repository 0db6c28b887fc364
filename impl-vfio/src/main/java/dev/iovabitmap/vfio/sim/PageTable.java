package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;

/**
 * A hardware page table (HWPT) over an address space. Its dirty log is one bit in each entry, so what an entry maps
 * is dirty or clean as a whole.
 */
final class PageTable extends IommufdObject {
    private static final int PAGE_SHIFT = 12;
    private static final int LEVEL_SHIFT = 9;

    private final SimulatedKernel kernel;
    private final AddressSpace space;
    private final SimulatedIommu iommu;
    private final boolean tracksDirty;
    private final boolean automatic;

    /** Whole entries. */
    private final Intervals dirty = new Intervals();

    private boolean enabled;

    PageTable(
            SimulatedKernel kernel, AddressSpace space, SimulatedIommu iommu, boolean tracksDirty, boolean automatic) {
        this.kernel = kernel;
        this.space = space;
        this.iommu = iommu;
        this.tracksDirty = tracksDirty;
        this.automatic = automatic;
        space.add(this);
    }

    AddressSpace space() {
        return space;
    }

    SimulatedIommu iommu() {
        return iommu;
    }

    boolean tracksDirty() {
        return tracksDirty;
    }

    boolean isAutomatic() {
        return automatic;
    }

    void setTracking(boolean enable) {
        if (enable && (!enabled || on(Misbehaviour.ENABLE_WIPES))) {
            dirty.clear();
        }
        enabled = enable;
    }

    void write(long first, long last) {
        if (!enabled) {
            return;
        }
        for (AddressSpace.Area area : space.within(first, last)) {
            if (area.writable()) {
                Interval hit = area.iovas().cut(first, last);
                dirty.add(
                        entryAt(area.iovas(), hit.first()).first(),
                        entryAt(area.iovas(), hit.last()).last());
            }
        }
    }

    void forget(Interval iovas) {
        dirty.remove(iovas.first(), iovas.last());
    }

    /** The entry that maps an address: the smallest kind, or the largest that fits into the mapping. */
    private Interval entryAt(Interval area, long iova) {
        long sizes = iommu.pageSizes();
        while (hasHugeEntries() && Long.bitCount(sizes) > 1) {
            long size = Long.highestOneBit(sizes);
            Interval entry = new Interval(iova & -size, iova | (size - 1));
            if (area.contains(entry.first()) && area.contains(entry.last())) {
                return entry;
            }
            sizes &= ~size;
        }
        long size = Long.lowestOneBit(sizes);
        return new Interval(iova & -size, iova | (size - 1));
    }

    private boolean hasHugeEntries() {
        return space.hugePages() && (iommu.amd() || on(Misbehaviour.HUGE_ENTRIES));
    }

    /** Reports mapping by mapping, as far as there is no hole. */
    void readAndClear(KernelBitmap bitmap, long first, long last, boolean clear) {
        long next = first;
        boolean done = false;
        for (AddressSpace.Area area : space.within(first, last)) {
            if (U64.less(next, area.iovas().first())) {
                break;
            }
            Interval part = area.iovas().cut(first, last);
            if (enabled) {
                walk(bitmap, area.iovas(), part, clear);
            }
            done = part.last() == last;
            next = part.last() + 1;
        }
        KernelError.unless(done || on(Misbehaviour.HOLE_HIDES_THE_REST), Errno.EINVAL);
    }

    /**
     * Walks the entries of a part of a mapping. The marks start where the walk stands and have the entry's size, so they
     * may end behind the entry; the bitmap cuts them.
     */
    private void walk(KernelBitmap bitmap, Interval area, Interval part, boolean clear) {
        long at = part.first();
        while (true) {
            Interval entry = entryAt(area, at);
            if (dirty.contains(at)) {
                long run = hasHugeEntries() || at != entry.first() ? entry.last() : runEnd(at, part);
                long size = iommu.amd() && on(Misbehaviour.LAST_ITEM_LOST)
                        ? withoutLastItem(at, entry, run)
                        : run - entry.first() + 1;
                if (size != 0) {
                    bitmap.set(at, size);
                }
                if (clear) {
                    dirty.remove(entry.first(), run);
                }
                entry = new Interval(entry.first(), run);
            }
            long step = entry.last() - entry.first() + 1;
            long next = on(Misbehaviour.WALK_SKIPS) ? at + step : entry.last() + 1;
            if (next == 0 || U64.less(next, at) || U64.less(part.last(), next)) {
                return;
            }
            at = next;
            // From the start of an entry the clean ones are walked without a trace, so they can be passed over.
            if (entryAt(area, at).first() == at) {
                Interval rest = dirty.from(at);
                if (rest == null || U64.less(part.last(), rest.first())) {
                    return;
                }
                at = rest.first();
            }
        }
    }

    /** How much of an entry the generic walk records from where it stands: all of the only item, and the last of none. */
    private static long withoutLastItem(long at, Interval entry, long run) {
        int sizeShift = Long.numberOfTrailingZeros(entry.last() - entry.first() + 1);
        long item = 1L << (PAGE_SHIFT + (sizeShift - PAGE_SHIFT) / LEVEL_SHIFT * LEVEL_SHIFT);
        boolean single = entry.last() - entry.first() + 1 == item;
        return single ? run - entry.first() + 1 : (entry.last() & -item) - (at & -item);
    }

    /** Where the run of dirty smallest entries ends: marked one by one they give the same bits. */
    private long runEnd(long at, Interval part) {
        Interval run = dirty.from(at);
        long last = run == null ? at : U64.min(run.last(), part.last());
        return last | (iommu.smallestPage() - 1);
    }

    private boolean on(Misbehaviour misbehaviour) {
        return kernel.misbehaviours().contains(misbehaviour);
    }

    @Override
    void destroy() {
        space.remove(this);
    }

    @Override
    Held held() {
        return new Held(0, 0, 0, 0, enabled ? 1 : 0, 0);
    }
}
