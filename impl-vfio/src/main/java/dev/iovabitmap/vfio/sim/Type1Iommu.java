package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The IOMMU of a container: what is mapped for its groups. */
final class Type1Iommu {
    private static final int MAX_MAPPINGS = 65535;

    /** The flag of MAP_DMA that gives a mapping new memory; what it stands for is not simulated further. */
    private static final int MAP_VADDR = 1 << 2;

    private final SimulatedKernel kernel;
    private final boolean v2;
    private final Type1Dirty dirtyPages;
    private final TreeMap<Long, Type1Mapping> mappings = new TreeMap<>(U64::compare);
    private final List<SimulatedDevice> devices = new ArrayList<>();

    Type1Iommu(SimulatedKernel kernel, boolean v2) {
        this.kernel = kernel;
        this.v2 = v2;
        this.dirtyPages = new Type1Dirty(this, kernel);
    }

    void attach(SimulatedDevice device) {
        devices.add(device);
    }

    void detach(SimulatedDevice device) {
        devices.remove(device);
        // What the device wrote that leaves is known to nobody any more.
        if (!device.emulatedIommu() && dirtyPages.tracking()) {
            mappings.values().forEach(Type1Mapping::markAll);
        }
    }

    /** Whether some device is translated by a real IOMMU, which pins all that is mapped. */
    boolean hasDomain() {
        return devices.stream().anyMatch(device -> !device.emulatedIommu());
    }

    Iterable<Type1Mapping> mappings() {
        return mappings.values();
    }

    boolean isV2() {
        return v2;
    }

    int ioctl(Ioctl request, UserMemory memory) {
        return switch (request) {
            case VFIO_IOMMU_GET_INFO -> Type1Info.get(this, memory);
            case VFIO_IOMMU_MAP_DMA -> map(memory);
            case VFIO_IOMMU_UNMAP_DMA -> unmap(memory);
            // A container knows the number only as the first of the two.
            case VFIO_IOMMU_DIRTY_PAGES, VFIO_DEVICE_FEATURE -> dirtyPages.ioctl(memory);
            default -> throw OpenFile.noSuchIoctl();
        };
    }

    long pageSizes() {
        long common = -1;
        long least = UserMemory.PAGE; // a container works by whole pages of the host, whatever smaller ones IOMMUs have
        for (SimulatedIommu iommu : iommus()) {
            common &= iommu.pageSizes();
            least = Math.max(least, iommu.smallestPage());
        }
        return hasDomain() ? (common & -UserMemory.PAGE) | least : -UserMemory.PAGE;
    }

    private List<SimulatedIommu> iommus() {
        return devices.stream()
                .filter(device -> !device.emulatedIommu())
                .map(SimulatedDevice::iommu)
                .distinct()
                .toList();
    }

    long pageSize() {
        return Long.lowestOneBit(pageSizes());
    }

    Interval aperture() {
        Interval common = new Interval(0, -1);
        for (SimulatedIommu iommu : iommus()) {
            common = common.cut(iommu.aperture().first(), iommu.aperture().last());
        }
        return common;
    }

    int freeMappings() {
        return MAX_MAPPINGS - mappings.size();
    }

    private int map(UserMemory memory) {
        long minsz = Type1.Map.LAYOUT.byteSize();
        MemorySegment map = memory.copyIn(minsz);
        long flags = Type1.Map.FLAGS.get(map);
        int known = Type1.Map.READ | Type1.Map.WRITE | MAP_VADDR;
        KernelError.unless(!U64.less(Type1.Map.ARGSZ.get(map), minsz) && (flags & ~known) == 0, Errno.EINVAL);
        long vaddr = Type1.Map.VADDR.get(map);
        long iova = Type1.Map.IOVA.get(map);
        long size = Type1.Map.SIZE.get(map);
        boolean overflows = U64.sumOverflows(iova, size - 1) || U64.sumOverflows(vaddr, size - 1);
        if (kernel.version().type1ReachesTheTop()) {
            KernelError.unless(size != 0, Errno.EINVAL);
            KernelError.unless(!overflows, Errno.EOVERFLOW);
        }
        boolean setVaddr = (flags & MAP_VADDR) != 0;
        boolean access = (flags & (Type1.Map.READ | Type1.Map.WRITE)) != 0;
        KernelError.unless(setVaddr != access, Errno.EINVAL);
        KernelError.unless(size != 0 && ((size | iova | vaddr) & (pageSize() - 1)) == 0, Errno.EINVAL);
        KernelError.unless(!overflows, Errno.EINVAL);
        // What kernels make of a second mapping over one that they do not find is not simulated: it is refused.
        Type1Mapping present =
                overlapping(iova, iova + size - 1).stream().findFirst().orElse(null);
        if (setVaddr) {
            Type1Mapping renewed = KernelError.orFail(present, Errno.ENOENT);
            KernelError.unless(renewed.vaddrInvalid && renewed.iova == iova && renewed.size == size, Errno.EINVAL);
            renewed.vaddrInvalid = false;
            return 0;
        }
        KernelError.unless(present == null, Errno.EEXIST);
        KernelError.unless(freeMappings() > 0, Errno.ENOSPC);
        Interval aperture = aperture();
        KernelError.unless(aperture.contains(iova) && aperture.contains(iova + size - 1), Errno.EINVAL);
        Type1Mapping mapping =
                new Type1Mapping(iova, size, Long.numberOfTrailingZeros(pageSize()), (flags & Type1.Map.WRITE) != 0);
        dirtyPages.added(mapping);
        if (hasDomain()) {
            memory.at(vaddr, size);
        }
        mappings.put(iova, mapping);
        return 0;
    }

    private int unmap(UserMemory memory) {
        long minsz = Type1.Unmap.LAYOUT.byteSize();
        MemorySegment unmap = memory.copyIn(minsz);
        long flags = Type1.Unmap.FLAGS.get(unmap);
        long argsz = Type1.Unmap.ARGSZ.get(unmap);
        int known = Type1.Unmap.GET_DIRTY_BITMAP | Type1.Unmap.VADDR | Type1.Unmap.ALL;
        KernelError.unless(!U64.less(argsz, minsz) && (flags & ~known) == 0, Errno.EINVAL);
        boolean getDirty = (flags & Type1.Unmap.GET_DIRTY_BITMAP) != 0;
        boolean all = (flags & Type1.Unmap.ALL) != 0;
        boolean vaddrOnly = (flags & Type1.Unmap.VADDR) != 0;
        KernelError.unless(!getDirty || !(all || vaddrOnly), Errno.EINVAL);
        long iova = Type1.Unmap.IOVA.get(unmap);
        long size = Type1.Unmap.SIZE.get(unmap);
        long data = 0;
        long pgsize = 0;
        if (getDirty) {
            long bitmapSize = Type1.Bitmap.LAYOUT.byteSize();
            KernelError.unless(!U64.less(argsz, minsz + bitmapSize), Errno.EINVAL);
            MemorySegment bitmap = memory.copyIn(minsz, bitmapSize);
            data = Type1.Bitmap.DATA.get(bitmap);
            pgsize = Type1.Bitmap.PGSIZE.get(bitmap);
            Type1Dirty.checkBitmap(size, pgsize, Type1.Bitmap.SIZE.get(bitmap), data);
        }
        long mask = pageSize() - 1;
        KernelError.unless((iova & mask) == 0, Errno.EINVAL);
        if (all) {
            KernelError.unless(iova == 0 && size == 0, Errno.EINVAL);
        } else {
            KernelError.unless(size != 0 && (size & mask) == 0, Errno.EINVAL);
            KernelError.unless(
                    !U64.sumOverflows(iova, size - 1),
                    kernel.version().type1ReachesTheTop() ? Errno.EOVERFLOW : Errno.EINVAL);
        }
        KernelError.unless(!getDirty || (dirtyPages.tracking() && pgsize == pageSize()), Errno.EINVAL);
        KernelError.unless(all || !v2 || !bisects(iova, size), Errno.EINVAL);
        long last = all ? -1 : iova + size - 1;
        long unmapped = 0;
        for (Type1Mapping mapping : within(iova, last)) {
            if (!v2 && U64.less(mapping.iova, iova)) {
                break;
            }
            if (vaddrOnly) {
                KernelError.unless(!mapping.vaddrInvalid, Errno.EINVAL);
                mapping.vaddrInvalid = true;
            } else {
                if (getDirty) {
                    dirtyPages.deliver(mapping, iova, data, memory);
                }
                mappings.remove(mapping.iova);
            }
            unmapped += mapping.size;
        }
        Type1.Unmap.SIZE.set(unmap, unmapped);
        memory.copyOut(unmap, minsz);
        return 0;
    }

    /** Whether a range starts or ends inside of a mapping. */
    boolean bisects(long iova, long size) {
        Type1Mapping atStart = find(iova, iova);
        if (atStart != null && atStart.iova != iova) {
            return true;
        }
        Type1Mapping atEnd = find(iova + size - 1, iova + size - 1);
        return atEnd != null && atEnd.last() != iova + size - 1;
    }

    private @Nullable Type1Mapping find(long first, long last) {
        List<Type1Mapping> found = within(first, last);
        return found.isEmpty() ? null : found.getFirst();
    }

    boolean reaches(long iova) {
        return within(iova, iova).stream().anyMatch(mapping -> mapping.writable);
    }

    /** What of a range the kernel finds: see {@link KernelVersion#type1ReachesTheTop}. */
    List<Type1Mapping> within(long first, long last) {
        List<Type1Mapping> all = overlapping(first, last);
        boolean endsAtTop = !all.isEmpty() && all.getLast().last() == -1;
        return endsAtTop && !kernel.version().type1ReachesTheTop() ? all.subList(0, all.size() - 1) : all;
    }

    private List<Type1Mapping> overlapping(long first, long last) {
        Long from = mappings.floorKey(first);
        return (from == null ? mappings : mappings.tailMap(from, true))
                .headMap(last, true).values().stream()
                        .filter(mapping -> mapping.overlaps(first, last))
                        .toList();
    }

    /**
     * A write. Behind a real IOMMU nobody sees it, which is why all that is mapped counts as dirty; an emulated device
     * writes through the container.
     */
    void write(long first, long last) {
        if (!dirtyPages.tracking()) {
            return;
        }
        for (Type1Mapping mapping : within(first, last)) {
            if (mapping.writable) {
                Interval pages = mapping.pagesOf(first, last);
                mapping.dirty.add(pages.first(), pages.last());
            }
        }
    }

    void pin(long first, long last) {
        for (Type1Mapping mapping : within(first, last)) {
            Interval pages = mapping.pagesOf(first, last);
            mapping.pinned.add(pages.first(), pages.last());
            if (dirtyPages.tracking()) {
                mapping.dirty.add(pages.first(), pages.last());
            }
        }
    }

    void unpin(long first, long last) {
        for (Type1Mapping mapping : within(first, last)) {
            Interval pages = mapping.pagesOf(first, last);
            mapping.pinned.remove(pages.first(), pages.last());
        }
    }

    Held held() {
        long pinned = 0;
        for (Type1Mapping mapping : mappings.values()) {
            for (Interval run : mapping.pinned.all()) {
                pinned += hasDomain() ? 0 : (run.last() - run.first() + 1) << mapping.pageShift;
            }
            pinned += hasDomain() ? mapping.size : 0;
        }
        return new Held(0, 0, mappings.size(), 0, dirtyPages.tracking() ? 1 : 0, pinned);
    }
}
