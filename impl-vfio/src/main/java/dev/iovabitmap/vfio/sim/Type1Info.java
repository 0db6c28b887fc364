package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Field;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;

/** VFIO_IOMMU_GET_INFO: what a container can do, as a list of capabilities behind a fixed part. */
final class Type1Info {
    private static final long HEADER = Type1.Info.LAYOUT.byteSize();

    private Type1Info() {}

    static int get(Type1Iommu iommu, UserMemory memory) {
        long minsz = Type1.Info.IOVA_PGSIZES.offset() + Long.BYTES;
        MemorySegment asked = memory.copyIn(minsz);
        long argsz = Type1.Info.ARGSZ.get(asked);
        KernelError.unless(!U64.less(argsz, minsz), Errno.EINVAL);
        MemorySegment info = MemorySegment.ofArray(new byte[(int) HEADER]);
        MemorySegment capabilities = capabilities(iommu);
        Type1.Info.FLAGS.set(info, Type1.Info.PGSIZES | Type1.Info.CAPS);
        Type1.Info.IOVA_PGSIZES.set(info, iommu.pageSizes());
        long whole = HEADER + capabilities.byteSize();
        if (U64.less(argsz, whole)) {
            Type1.Info.ARGSZ.set(info, whole);
        } else {
            Type1.Info.ARGSZ.set(info, argsz);
            Type1.Info.CAP_OFFSET.set(info, HEADER);
            memory.copyOut(HEADER, capabilities, capabilities.byteSize());
        }
        memory.copyOut(info, U64.min(argsz, HEADER));
        return 0;
    }

    private static MemorySegment capabilities(Type1Iommu iommu) {
        long migration = Type1.Migration.LAYOUT.byteSize();
        long available = Type1.DmaAvailable.LAYOUT.byteSize();
        long ranges = Type1.IovaRanges.LAYOUT.byteSize() + Type1.IovaRange.LAYOUT.byteSize();
        MemorySegment all = MemorySegment.ofArray(new byte[(int) (migration + padded(available) + ranges)]);

        MemorySegment first = all.asSlice(0, migration);
        header(first, Type1.Migration.CAPABILITY, HEADER + migration);
        Type1.Migration.PGSIZE_BITMAP.set(first, iommu.pageSize());
        Type1.Migration.MAX_DIRTY_BITMAP_SIZE.set(first, Type1Dirty.maxBitmapSize());

        MemorySegment second = all.asSlice(migration, available);
        header(second, Type1.DmaAvailable.CAPABILITY, HEADER + migration + padded(available));
        Type1.DmaAvailable.AVAIL.set(second, iommu.freeMappings());

        MemorySegment third = all.asSlice(migration + padded(available), ranges);
        header(third, Type1.IovaRanges.CAPABILITY, 0);
        Type1.IovaRanges.NR_IOVAS.set(third, 1);
        MemorySegment range = third.asSlice(Type1.IovaRanges.LAYOUT.byteSize());
        Interval aperture = iommu.aperture();
        Type1.IovaRange.START.set(range, aperture.first());
        Type1.IovaRange.END.set(range, aperture.last());
        return all;
    }

    /** Capabilities start at multiples of 8; kernels before 6.6 did not see to that. */
    private static long padded(long size) {
        return U64.roundUp(size, Long.BYTES);
    }

    private static void header(MemorySegment capability, int id, long next) {
        set(capability, Type1.CapabilityHeader.ID, id);
        set(capability, Type1.CapabilityHeader.VERSION, 1);
        set(capability, Type1.CapabilityHeader.NEXT, next);
    }

    private static void set(MemorySegment capability, Field field, long value) {
        field.set(capability, value);
    }
}
