package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Field;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** {@code /dev/iommu}. Devices that are bound to it keep it open. */
final class IommufdFile extends OpenFile {
    /** {@code struct iommu_hw_info_vtd}, whose registers are all zero here. */
    private static final long VTD_INFO_SIZE = 24;

    private final IommufdObjects objects = new IommufdObjects();
    private final IommufdDirty dirtyTracking = new IommufdDirty(this);

    IommufdFile(SimulatedKernel kernel) {
        super(kernel, "/dev/iommu");
    }

    IommufdObjects objects() {
        return objects;
    }

    @Override
    int ioctl(Ioctl request, UserMemory memory) {
        return switch (request) {
            case IOMMU_DESTROY -> destroy(memory);
            case IOMMU_IOAS_ALLOC -> allocate(memory);
            case IOMMU_IOAS_IOVA_RANGES -> iovaRanges(memory);
            case IOMMU_IOAS_MAP -> map(memory);
            case IOMMU_IOAS_UNMAP -> unmap(memory);
            case IOMMU_OPTION -> option(memory);
            case IOMMU_HWPT_ALLOC -> allocatePageTable(memory);
            case IOMMU_GET_HW_INFO -> hardwareInfo(memory);
            case IOMMU_HWPT_SET_DIRTY_TRACKING -> dirtyTracking.set(memory);
            case IOMMU_HWPT_GET_DIRTY_BITMAP -> dirtyTracking.get(memory);
            default -> throw noSuchIoctl();
        };
    }

    /** A command, checked as all of them are: long enough, and with nothing in it that this kernel does not know. */
    static MemorySegment command(UserMemory memory, StructLayout layout, Field lastNeeded) {
        long size = memory.copyIn(Integer.BYTES).get(ValueLayout.JAVA_INT_UNALIGNED, 0) & 0xffff_ffffL;
        long least = lastNeeded.offset() + lastNeeded.size();
        KernelError.unless(!U64.less(size, least), Errno.EINVAL);
        long known = layout.byteSize();
        MemorySegment command = MemorySegment.ofArray(new byte[(int) known]);
        MemorySegment given = memory.copyIn(size);
        for (long at = known; at < size; at++) {
            KernelError.unless(given.get(ValueLayout.JAVA_BYTE, at) == 0, Errno.E2BIG);
        }
        MemorySegment.copy(given, 0, command, 0, Math.min(size, known));
        return command;
    }

    /** Answers, as far as the caller has room. */
    static int respond(UserMemory memory, MemorySegment command) {
        long size = command.get(ValueLayout.JAVA_INT_UNALIGNED, 0) & 0xffff_ffffL;
        memory.copyOut(command, Math.min(size, command.byteSize()));
        return 0;
    }

    private int destroy(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.Destroy.LAYOUT, Iommufd.Destroy.ID);
        objects.destroy(objects.get(Iommufd.Destroy.ID.get(command), IommufdObject.class));
        return 0;
    }

    private int allocate(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.IoasAlloc.LAYOUT, Iommufd.IoasAlloc.OUT_IOAS_ID);
        KernelError.unless(Iommufd.IoasAlloc.FLAGS.get(command) == 0, Errno.EOPNOTSUPP);
        AddressSpace space = new AddressSpace(kernel());
        Iommufd.IoasAlloc.OUT_IOAS_ID.set(command, objects.add(space));
        return respond(memory, command);
    }

    private int iovaRanges(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.IovaRanges.LAYOUT, Iommufd.IovaRanges.OUT_IOVA_ALIGNMENT);
        KernelError.unless(Iommufd.IovaRanges.RESERVED.get(command) == 0, Errno.EOPNOTSUPP);
        AddressSpace space = objects.get(Iommufd.IovaRanges.IOAS_ID.get(command), AddressSpace.class);
        long room = Iommufd.IovaRanges.NUM_IOVAS.get(command);
        long array = Iommufd.IovaRanges.ALLOWED_IOVAS.get(command);
        List<Interval> allowed = space.allowed();
        long size = Iommufd.IovaRange.LAYOUT.byteSize();
        for (int i = 0; i < Math.min(room, allowed.size()); i++) {
            MemorySegment range = memory.at(array + i * size, size);
            Iommufd.IovaRange.START.set(range, allowed.get(i).first());
            Iommufd.IovaRange.LAST.set(range, allowed.get(i).last());
        }
        Iommufd.IovaRanges.NUM_IOVAS.set(command, allowed.size());
        Iommufd.IovaRanges.OUT_IOVA_ALIGNMENT.set(command, space.alignment());
        respond(memory, command);
        KernelError.unless(allowed.size() <= room, Errno.EMSGSIZE);
        return 0;
    }

    private int map(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.IoasMap.LAYOUT, Iommufd.IoasMap.IOVA);
        long flags = Iommufd.IoasMap.FLAGS.get(command);
        int access = Iommufd.IoasMap.WRITEABLE | Iommufd.IoasMap.READABLE;
        KernelError.unless(
                (flags & ~(access | Iommufd.IoasMap.FIXED_IOVA)) == 0 && Iommufd.IoasMap.RESERVED.get(command) == 0,
                Errno.EOPNOTSUPP);
        long length = Iommufd.IoasMap.LENGTH.get(command);
        long userVa = Iommufd.IoasMap.USER_VA.get(command);
        KernelError.unless(Iommufd.IoasMap.IOVA.get(command) != -1 && length != -1, Errno.EOVERFLOW);
        KernelError.unless((flags & access) != 0, Errno.EINVAL);
        AddressSpace space = objects.get(Iommufd.IoasMap.IOAS_ID.get(command), AddressSpace.class);
        KernelError.unless(!U64.sumOverflows(userVa, length), Errno.EOVERFLOW);
        KernelError.unless(length != 0, Errno.EINVAL);
        if ((flags & Iommufd.IoasMap.FIXED_IOVA) == 0) {
            Iommufd.IoasMap.IOVA.set(command, space.place(length, userVa));
        }
        boolean writable = (flags & Iommufd.IoasMap.WRITEABLE) != 0;
        space.map(Iommufd.IoasMap.IOVA.get(command), length, userVa, writable, memory.covers(userVa, length));
        return respond(memory, command);
    }

    private int unmap(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.IoasUnmap.LAYOUT, Iommufd.IoasUnmap.LENGTH);
        AddressSpace space = objects.get(Iommufd.IoasUnmap.IOAS_ID.get(command), AddressSpace.class);
        long iova = Iommufd.IoasUnmap.IOVA.get(command);
        long length = Iommufd.IoasUnmap.LENGTH.get(command);
        long unmapped;
        if (iova == 0 && length == -1) {
            unmapped = space.unmap(0, -1);
        } else {
            KernelError.unless(iova != -1 && length != -1, Errno.EOVERFLOW);
            KernelError.unless(length != 0, Errno.EINVAL);
            KernelError.unless(!U64.sumOverflows(iova, length - 1), Errno.EOVERFLOW);
            unmapped = space.unmap(iova, iova + length - 1);
            KernelError.unless(unmapped != 0, Errno.ENOENT);
        }
        Iommufd.IoasUnmap.LENGTH.set(command, unmapped);
        return respond(memory, command);
    }

    private int option(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.Option.LAYOUT, Iommufd.Option.VAL64);
        KernelError.unless(Iommufd.Option.RESERVED.get(command) == 0, Errno.EOPNOTSUPP);
        KernelError.unless(Iommufd.Option.OPTION_ID.get(command) == Iommufd.Option.HUGE_PAGES, Errno.EOPNOTSUPP);
        AddressSpace space = objects.get(Iommufd.Option.OBJECT_ID.get(command), AddressSpace.class);
        long value = Iommufd.Option.VAL64.get(command);
        switch ((int) Iommufd.Option.OP.get(command)) {
            case Iommufd.Option.OP_GET -> Iommufd.Option.VAL64.set(command, space.hugePages() ? 1 : 0);
            case Iommufd.Option.OP_SET -> {
                KernelError.unless(value == 0 || value == 1, Errno.EINVAL);
                space.hugePages(value == 1);
            }
            default -> throw new KernelError(Errno.EOPNOTSUPP);
        }
        return respond(memory, command);
    }

    private int allocatePageTable(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.HwptAlloc.LAYOUT, Iommufd.HwptAlloc.RESERVED);
        KernelError.unless(Iommufd.HwptAlloc.RESERVED.get(command) == 0, Errno.EOPNOTSUPP);
        boolean typed = Iommufd.HwptAlloc.DATA_TYPE.get(command) != 0;
        KernelError.unless(typed == (Iommufd.HwptAlloc.DATA_LEN.get(command) != 0), Errno.EINVAL);
        BoundDevice device = objects.get(Iommufd.HwptAlloc.DEV_ID.get(command), BoundDevice.class);
        AddressSpace space = objects.get(Iommufd.HwptAlloc.PT_ID.get(command), AddressSpace.class, Errno.EINVAL);
        long flags = Iommufd.HwptAlloc.FLAGS.get(command);
        // Nested translation is not simulated: an IOMMU that has none says so like this.
        KernelError.unless(!typed && (flags & ~Iommufd.HwptAlloc.DIRTY_TRACKING) == 0, Errno.EOPNOTSUPP);
        boolean tracks = flags != 0;
        KernelError.unless(!tracks || device.canTrack(), Errno.EOPNOTSUPP);
        PageTable table = new PageTable(kernel(), space, device.iommu(), tracks, false);
        Iommufd.HwptAlloc.OUT_HWPT_ID.set(command, objects.add(table));
        return respond(memory, command);
    }

    private int hardwareInfo(UserMemory memory) {
        MemorySegment command = command(memory, Iommufd.HwInfo.LAYOUT, Iommufd.HwInfo.RESERVED);
        KernelError.unless(
                Iommufd.HwInfo.FLAGS.get(command) == 0 && Iommufd.HwInfo.RESERVED.get(command) == 0, Errno.EOPNOTSUPP);
        BoundDevice device = objects.get(Iommufd.HwInfo.DEV_ID.get(command), BoundDevice.class);
        long length = Iommufd.HwInfo.DATA_LEN.get(command);
        if (length != 0) {
            memory.at(Iommufd.HwInfo.DATA_UPTR.get(command), length).fill((byte) 0);
        }
        boolean amd = device.iommu().amd(); // these kernels know no type for it
        Iommufd.HwInfo.DATA_LEN.set(command, amd ? 0 : VTD_INFO_SIZE);
        Iommufd.HwInfo.OUT_DATA_TYPE.set(command, amd ? Iommufd.HwInfo.TYPE_NONE : Iommufd.HwInfo.TYPE_INTEL_VTD);
        Iommufd.HwInfo.OUT_CAPABILITIES.set(command, device.canTrack() ? Iommufd.HwInfo.DIRTY_TRACKING : 0);
        return respond(memory, command);
    }

    @Override
    void release() {
        objects.destroyAll();
    }

    @Override
    Held held() {
        return objects.held();
    }
}
