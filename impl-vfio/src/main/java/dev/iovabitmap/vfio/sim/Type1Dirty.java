package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;

/** VFIO_IOMMU_DIRTY_PAGES: a container's dirty tracking. Unlike the others it overwrites the caller's words. */
final class Type1Dirty {
    private static final long MAX_PAGES = Integer.MAX_VALUE;
    private static final long MAX_BITMAP_SIZE = bytesFor(MAX_PAGES);

    private final Type1Iommu iommu;
    private final SimulatedKernel kernel;
    private boolean tracking;

    Type1Dirty(Type1Iommu iommu, SimulatedKernel kernel) {
        this.iommu = iommu;
        this.kernel = kernel;
    }

    static long maxBitmapSize() {
        return MAX_BITMAP_SIZE;
    }

    private static long bytesFor(long pages) {
        return U64.roundUp(pages, 64) / 8;
    }

    boolean tracking() {
        return tracking;
    }

    /** A new mapping gets a bitmap if there is tracking. */
    void added(Type1Mapping mapping) {
        KernelError.unless(!tracking || !U64.less(MAX_PAGES, mapping.pages()), Errno.EINVAL);
    }

    int ioctl(UserMemory memory) {
        KernelError.unless(iommu.isV2(), Errno.EACCES);
        long minsz = Type1.Dirty.LAYOUT.byteSize();
        MemorySegment dirty = memory.copyIn(minsz);
        long argsz = Type1.Dirty.ARGSZ.get(dirty);
        long flags = Type1.Dirty.FLAGS.get(dirty);
        int known = Type1.Dirty.START | Type1.Dirty.STOP | Type1.Dirty.GET_BITMAP;
        KernelError.unless(!U64.less(argsz, minsz) && (flags & ~known) == 0, Errno.EINVAL);
        // No flag at all is undefined in the kernel; EINVAL is what it comes to on x86-64.
        KernelError.unless(U64.isPowerOfTwo(flags), Errno.EINVAL);
        if (flags == Type1.Dirty.START) {
            start();
        } else if (flags == Type1.Dirty.STOP) {
            stop();
        } else {
            getBitmap(memory, minsz, argsz - minsz);
        }
        return 0;
    }

    private void start() {
        if (tracking) {
            return;
        }
        for (Type1Mapping mapping : iommu.mappings()) {
            KernelError.unless(!U64.less(MAX_PAGES, mapping.pages()), Errno.EINVAL);
        }
        tracking = true;
        iommu.mappings().forEach(Type1Mapping::markPinned);
    }

    private void stop() {
        tracking = false;
        iommu.mappings().forEach(mapping -> mapping.dirty.clear());
    }

    private void getBitmap(UserMemory memory, long offset, long payload) {
        long size = Type1.DirtyGet.LAYOUT.byteSize();
        KernelError.unless(!U64.less(payload, size), Errno.EINVAL);
        MemorySegment range = memory.copyIn(offset, size);
        long iova = Type1.DirtyGet.IOVA.get(range);
        long length = Type1.DirtyGet.SIZE.get(range);
        long pgsize = Type1.DirtyGet.PGSIZE.get(range);
        long data = Type1.DirtyGet.BITMAP_DATA.get(range);
        if (kernel.version().type1ReachesTheTop()) {
            KernelError.unless(length != 0, Errno.EINVAL);
            KernelError.unless(!U64.sumOverflows(iova, length - 1), Errno.EOVERFLOW);
        } else {
            KernelError.unless(!U64.sumOverflows(iova, length), Errno.EINVAL);
        }
        checkBitmap(length, pgsize, Type1.DirtyGet.BITMAP_SIZE.get(range), data);
        long mask = iommu.pageSize() - 1;
        KernelError.unless(pgsize == iommu.pageSize(), Errno.EINVAL);
        KernelError.unless((iova & mask) == 0, Errno.EINVAL);
        KernelError.unless(length != 0 && (length & mask) == 0, Errno.EINVAL);
        KernelError.unless(tracking, Errno.EINVAL);
        KernelError.unless(!iommu.bisects(iova, length), Errno.EINVAL);
        for (Type1Mapping mapping : iommu.within(iova, iova + length - 1)) {
            deliver(mapping, iova, data, memory);
            mapping.dirty.clear();
            mapping.markPinned();
        }
    }

    /** What is checked of a bitmap before anything else is known, the same for reports and for unmapping. */
    static void checkBitmap(long length, long pgsize, long bitmapSize, long data) {
        KernelError.unless(UserMemory.accessOk(data, bitmapSize), Errno.EINVAL);
        // A page size of 0 is undefined in the kernel; as 1 it fails like any that is not the smallest.
        long pages = length >>> (pgsize == 0 ? 0 : Long.numberOfTrailingZeros(pgsize));
        KernelError.unless(pages != 0 && bitmapSize != 0, Errno.EINVAL);
        KernelError.unless(!U64.less(MAX_BITMAP_SIZE, bitmapSize), Errno.EINVAL);
        KernelError.unless(!U64.less(MAX_BITMAP_SIZE * 8, pages), Errno.EINVAL);
        KernelError.unless(!U64.less(bitmapSize, bytesFor(pages)), Errno.EINVAL);
    }

    /**
     * Writes a mapping's bits where they belong in a bitmap that starts at a base. The kernel shifts its own bitmap in
     * place, completes the first word with the bits that precede the mapping there, and copies whole words out.
     */
    void deliver(Type1Mapping mapping, long base, long data, UserMemory memory) {
        if (iommu.hasDomain()) {
            mapping.markAll();
        }
        long bitOffset = (mapping.iova - base) >>> mapping.pageShift;
        long words = data + bitOffset / 64 * 8;
        long shift = bitOffset % 64;
        long bytes = bytesFor(mapping.pages() + shift);
        boolean reachable = memory.covers(words, bytes);
        if (!reachable && kernel.misbehaviours().contains(Misbehaviour.TYPE1_STAYS_SHIFTED)) {
            mapping.shift(shift);
        }
        KernelError.unless(reachable, Errno.EFAULT);
        MemorySegment bitmap = memory.at(words, bytes);
        long preceding = Bits.word(bitmap) & ((1L << shift) - 1);
        bitmap.fill((byte) 0);
        Bits.word(bitmap, preceding);
        for (Interval run : mapping.dirty.within(0, mapping.pages() - 1)) {
            Bits.set(bitmap, run.first() + shift, run.last() + shift);
        }
    }
}
