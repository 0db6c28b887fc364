package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import java.lang.foreign.MemorySegment;

/** The dirty tracking of IOMMUFD's page tables. */
final class IommufdDirty {
    private final IommufdFile file;

    IommufdDirty(IommufdFile file) {
        this.file = file;
    }

    int set(UserMemory memory) {
        MemorySegment command = IommufdFile.command(memory, SetDirtyTracking.LAYOUT, SetDirtyTracking.RESERVED);
        long flags = SetDirtyTracking.FLAGS.get(command);
        KernelError.unless((flags & ~SetDirtyTracking.ENABLE) == 0, Errno.EOPNOTSUPP);
        PageTable table = file.objects().get(SetDirtyTracking.HWPT_ID.get(command), PageTable.class);
        KernelError.unless(table.tracksDirty(), Errno.EOPNOTSUPP);
        table.setTracking(flags != 0);
        return 0;
    }

    int get(UserMemory memory) {
        MemorySegment command = IommufdFile.command(memory, GetDirtyBitmap.LAYOUT, GetDirtyBitmap.DATA);
        long flags = GetDirtyBitmap.FLAGS.get(command);
        KernelError.unless(
                (flags & ~GetDirtyBitmap.NO_CLEAR) == 0 && GetDirtyBitmap.RESERVED.get(command) == 0, Errno.EOPNOTSUPP);
        PageTable table = file.objects().get(GetDirtyBitmap.HWPT_ID.get(command), PageTable.class);
        KernelError.unless(table.tracksDirty(), Errno.EOPNOTSUPP);
        long iova = GetDirtyBitmap.IOVA.get(command);
        long length = GetDirtyBitmap.LENGTH.get(command);
        long pageSize = GetDirtyBitmap.PAGE_SIZE.get(command);
        boolean acceptsNothing = file.kernel().misbehaviours().contains(Misbehaviour.LENGTH_0_IS_EVERYTHING);
        KernelError.unless(length != 0 || acceptsNothing, Errno.EINVAL);
        KernelError.unless(!U64.sumOverflows(iova, length - 1), Errno.EOVERFLOW);
        long end = iova + length;
        KernelError.unless(((iova | end) & (table.space().alignment() - 1)) == 0, Errno.EINVAL);
        KernelError.unless(pageSize != 0, Errno.EINVAL);
        // A page size that is no power of two passes, and acts as its lowest bit: so does Linux.
        KernelError.unless(((iova | end) & (pageSize - 1)) == 0, Errno.EINVAL);
        KernelBitmap bitmap =
                new KernelBitmap(file.kernel(), iova, length, pageSize, GetDirtyBitmap.DATA.get(command), memory);
        boolean clear = (flags & GetDirtyBitmap.NO_CLEAR) == 0;
        bitmap.forEach((first, size) -> table.readAndClear(bitmap, first, first + size - 1, clear));
        return 0;
    }
}
