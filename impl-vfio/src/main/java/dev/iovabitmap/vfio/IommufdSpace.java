package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Device.Leaving;
import dev.iovabitmap.vfio.session.Space;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.transport.ContiguousWalk;
import dev.iovabitmap.vfio.transport.MappingTransport;
import dev.iovabitmap.vfio.transport.PageTableDirty;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.Attach;
import dev.iovabitmap.vfio.uapi.Iommufd.Bind;
import dev.iovabitmap.vfio.uapi.Iommufd.Destroy;
import dev.iovabitmap.vfio.uapi.Iommufd.Detach;
import dev.iovabitmap.vfio.uapi.Iommufd.HwInfo;
import dev.iovabitmap.vfio.uapi.Iommufd.HwptAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasMap;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasUnmap;
import dev.iovabitmap.vfio.uapi.Iommufd.Option;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An I/O address space of IOMMUFD, and the hardware page tables that hold its mappings. */
public final class IommufdSpace extends AddressSpace {
    private static final String IOMMUFD = "/dev/iommu";

    private static final String LOSES_DIRT = "this kernel loses dirt of huge pages behind an AMD IOMMU";

    private final int ioas;

    private IommufdSpace(Vfio vfio, Descriptor descriptor, int ioas) {
        super(
                vfio,
                descriptor,
                descriptor
                        .file()
                        .remembered(Space.class, ioas, () -> new Space(descriptor.toString(), mappings -> null)));
        this.ioas = ioas;
    }

    static IommufdSpace open(Vfio vfio) {
        Descriptor descriptor = Descriptor.open(vfio.syscalls(), IOMMUFD);
        try {
            MemorySegment alloc = vfio.caller().struct(IoasAlloc.LAYOUT.byteSize());
            IoasAlloc.SIZE.set(alloc, alloc.byteSize());
            vfio.caller().call(descriptor, Ioctl.IOMMU_IOAS_ALLOC, alloc, IOMMUFD);
            return new IommufdSpace(vfio, descriptor, IoasAlloc.OUT_IOAS_ID.getInt(alloc));
        } catch (Throwable e) {
            Vfio.closeAfter(e, descriptor);
            throw e;
        }
    }

    static IommufdSpace adopt(Vfio vfio, int fd, int ioas, List<Integer> pageTables, List<IovaRange> mappings) {
        String name = "iommufd with file descriptor " + fd;
        IommufdSpace space = new IommufdSpace(vfio, Descriptor.adopt(vfio.syscalls(), name, fd), ioas);
        space.adopted(mappings);
        try {
            pageTables.forEach(space::adoptPageTable);
            return space;
        } catch (Throwable e) {
            Vfio.closeAfter(e, space);
            throw e;
        }
    }

    private void adoptPageTable(int id) {
        if (space.tables().isEmpty() && ContiguousWalk.losesDirt(vfio.syscalls().host()) && hasHugePages()) {
            space.distrust(LOSES_DIRT);
        }
        if (space.tables().stream().noneMatch(table -> idOf(table) == id)) {
            space.add(new PageTableDirty(caller, descriptor.file(), ioas, id));
        }
    }

    private static int idOf(MappingTransport table) {
        return table instanceof PageTableDirty dirty ? dirty.id() : 0;
    }

    /** Whether entries may be larger than the smallest page; a kernel that does not tell may have such. */
    private boolean hasHugePages() {
        MemorySegment option = hugePages(Option.OP_GET);
        int result = caller.ask(descriptor, Ioctl.IOMMU_OPTION, option, MemorySegment.NULL);
        return result < 0 || Option.VAL64.get(option) != 0;
    }

    private MemorySegment hugePages(int operation) {
        MemorySegment option = caller.struct(Option.LAYOUT.byteSize());
        Option.SIZE.set(option, option.byteSize());
        Option.OPTION_ID.set(option, Option.HUGE_PAGES);
        Option.OP.set(option, operation);
        Option.OBJECT_ID.set(option, ioas);
        return option;
    }

    /**
     * Lets the page tables of what was adopted count as tracking on a host whose kernel loses dirt of huge pages behind an AMD
     * IOMMU (Linux 6.19 and later), where they otherwise count as nothing that tracks: whoever calls this knows that no entry is
     * larger than the smallest page. Where {@code IOMMU_OPTION_HUGE_PAGES} of the address space is 0, the kernel says so
     * itself. Elsewhere this does nothing.
     */
    public void confirmSmallEntries() {
        vfio.locked(() -> space.distrust(null));
    }

    /**
     * Opens a device by its own file and attaches it to this address space: through a page table that tracks, if the IOMMU has
     * such. It joins the sessions that run here, before it can write.
     *
     * @param path the device's file, such as {@code /dev/vfio/devices/vfio0}
     * @return the device, which the caller closes before this address space
     * @throws IoctlException if the kernel refuses
     */
    public VfioDevice openDevice(Path path) {
        return vfio.locked(() -> {
            Descriptor descriptor = Descriptor.open(vfio.syscalls(), path.toString());
            try {
                return open(descriptor);
            } catch (Throwable e) {
                Vfio.closeAfter(e, descriptor);
                throw e;
            }
        });
    }

    private VfioDevice open(Descriptor descriptor) {
        int id = bind(descriptor);
        boolean tracks = tracks(id);
        List<PageTableDirty> added = new ArrayList<>();
        if (tracks && space.tables().isEmpty()) {
            useSmallEntries();
            added.add(allocatePageTable(id)); // so that it tracks before the device can write
        }
        VfioDevice device = null;
        try {
            device = VfioDevice.joining(vfio, descriptor, this, tracks);
            if (!tracks) {
                requireAttached(attach(descriptor, ioas), ioas);
            } else if (!isAttachedToOneThatIsThere(descriptor)) {
                added.add(allocatePageTable(id));
                requireAttached(
                        attach(descriptor, added.getLast().id()),
                        added.getLast().id());
            }
            return device;
        } catch (Throwable e) {
            VfioDevice notAttached = device;
            if (notAttached != null) {
                Vfio.closeAfter(e, () -> notAttached.leave(Leaving.NEVER_ATTACHED));
            }
            added.forEach(table -> Vfio.closeAfter(e, () -> destroy(table)));
            throw e;
        }
    }

    /** Before the first page table: later the kernel refuses. */
    private void useSmallEntries() {
        if (ContiguousWalk.losesDirt(vfio.syscalls().host())) {
            int result = caller.ask(descriptor, Ioctl.IOMMU_OPTION, hugePages(Option.OP_SET), MemorySegment.NULL);
            if (result < 0) {
                space.distrust(LOSES_DIRT + ", and refuses to map without them (" + Errno.name(-result) + ")");
            }
        }
    }

    /**
     * Takes note of a device that somebody else is about to attach here; call this before it is attached.
     *
     * @param fd its file descriptor
     * @param attachedTo the id that it is attached to: a page table that was allocated with dirty tracking, the parent of a
     *     nested one included, which becomes part of this address space if it is not yet; or the address space itself, whose
     *     own page tables do not track
     * @return the device; closing it leaves the file descriptor open
     * @throws IllegalArgumentException if the device is in another address space
     * @throws IoctlException if a session runs here and the kernel refuses to track
     */
    public VfioDevice adoptDevice(int fd, int attachedTo) {
        return vfio.locked(() -> {
            if (attachedTo != ioas) {
                adoptPageTable(attachedTo);
            }
            Descriptor device = Descriptor.adopt(vfio.syscalls(), "device with file descriptor " + fd, fd);
            return vfio.adopted(device, this, attachedTo != ioas);
        });
    }

    private int bind(Descriptor device) {
        MemorySegment bind = caller.struct(Bind.LAYOUT.byteSize());
        Bind.ARGSZ.set(bind, bind.byteSize());
        Bind.IOMMUFD.set(bind, descriptor.number());
        caller.call(device, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, bind, device.toString());
        return Bind.OUT_DEVID.getInt(bind);
    }

    /** A device without an IOMMU of its own, such as a mediated one, is unknown to this call. */
    private boolean tracks(int device) {
        MemorySegment info = caller.struct(HwInfo.LAYOUT.byteSize());
        HwInfo.SIZE.set(info, info.byteSize());
        HwInfo.DEV_ID.set(info, device);
        int result = caller.ask(descriptor, Ioctl.IOMMU_GET_HW_INFO, info, MemorySegment.NULL);
        return switch (-result) {
            case Errno.ENOENT, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOTTY -> false;
            default -> {
                Caller.requireDone(result, Ioctl.IOMMU_GET_HW_INFO.name(), "dev_id=" + device);
                yield (HwInfo.OUT_CAPABILITIES.get(info) & HwInfo.DIRTY_TRACKING) != 0;
            }
        };
    }

    private boolean isAttachedToOneThatIsThere(Descriptor device) {
        for (MappingTransport table : space.tables()) {
            int result = attach(device, idOf(table));
            if (result != -Errno.EINVAL) { // it is behind another IOMMU
                requireAttached(result, idOf(table));
                return true;
            }
        }
        return false;
    }

    private static void requireAttached(int result, int id) {
        Caller.requireDone(result, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT.name(), "pt_id=" + id);
    }

    private int attach(Descriptor device, int pageTable) {
        MemorySegment attach = caller.struct(Attach.LAYOUT.byteSize());
        Attach.ARGSZ.set(attach, attach.byteSize());
        Attach.PT_ID.set(attach, pageTable);
        return caller.ask(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, attach, MemorySegment.NULL);
    }

    /** Ends what a device can reach, and tells whether that was done. */
    boolean detach(Descriptor device) {
        MemorySegment detach = caller.struct(Detach.LAYOUT.byteSize());
        Detach.ARGSZ.set(detach, detach.byteSize());
        return caller.ask(device, Ioctl.VFIO_DEVICE_DETACH_IOMMUFD_PT, detach, MemorySegment.NULL) >= 0;
    }

    /** Allocates a page table, which tracks from the start if a session runs. */
    private PageTableDirty allocatePageTable(int device) {
        MemorySegment alloc = caller.struct(HwptAlloc.LAYOUT.byteSize());
        HwptAlloc.SIZE.set(alloc, alloc.byteSize());
        HwptAlloc.FLAGS.set(alloc, HwptAlloc.DIRTY_TRACKING);
        HwptAlloc.DEV_ID.set(alloc, device);
        HwptAlloc.PT_ID.set(alloc, ioas);
        caller.call(descriptor, Ioctl.IOMMU_HWPT_ALLOC, alloc, "dev_id=" + device + " pt_id=" + ioas);
        PageTableDirty table = new PageTableDirty(caller, descriptor.file(), ioas, HwptAlloc.OUT_HWPT_ID.getInt(alloc));
        try {
            space.add(table);
            return table;
        } catch (Throwable e) {
            Vfio.closeAfter(e, () -> destroy(table));
            throw e;
        }
    }

    private void destroy(PageTableDirty table) {
        space.remove(table);
        MemorySegment destroy = caller.struct(Destroy.LAYOUT.byteSize());
        Destroy.SIZE.set(destroy, destroy.byteSize());
        Destroy.ID.set(destroy, table.id());
        caller.call(descriptor, Ioctl.IOMMU_DESTROY, destroy, "id=" + table.id());
    }

    @Override
    void mapHere(long iova, MemorySegment memory) {
        MemorySegment map = caller.struct(IoasMap.LAYOUT.byteSize());
        IoasMap.SIZE.set(map, map.byteSize());
        IoasMap.FLAGS.set(map, IoasMap.FIXED_IOVA | IoasMap.READABLE | (memory.isReadOnly() ? 0 : IoasMap.WRITEABLE));
        IoasMap.IOAS_ID.set(map, ioas);
        IoasMap.USER_VA.set(map, memory.address());
        IoasMap.LENGTH.set(map, memory.byteSize());
        IoasMap.IOVA.set(map, iova);
        String arguments = "iova=" + Unsigned.hex(iova) + " length=" + Unsigned.hex(memory.byteSize());
        caller.call(descriptor, Ioctl.IOMMU_IOAS_MAP, map, memory, Ioctl.IOMMU_IOAS_MAP.name(), arguments);
    }

    @Override
    void unmapHere(IovaRange mapping) {
        MemorySegment unmap = caller.struct(IoasUnmap.LAYOUT.byteSize());
        IoasUnmap.SIZE.set(unmap, unmap.byteSize());
        IoasUnmap.IOAS_ID.set(unmap, ioas);
        IoasUnmap.IOVA.set(unmap, mapping.iova());
        IoasUnmap.LENGTH.set(unmap, mapping.length());
        caller.call(descriptor, Ioctl.IOMMU_IOAS_UNMAP, unmap, mapping.toString());
    }

    @Override
    void closeHere() {
        descriptor.close(); // the kernel destroys what was allocated with the file
    }

    @Override
    AddressSpace adoptedBy(Vfio other, int fd) {
        List<Integer> tables = space.tables().stream().map(IommufdSpace::idOf).toList();
        return other.adoptAddressSpace(fd, ioas, tables, mappings());
    }
}
