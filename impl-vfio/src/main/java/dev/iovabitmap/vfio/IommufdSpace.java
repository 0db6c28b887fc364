package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.session.Source;
import dev.iovabitmap.vfio.session.SourceState;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.transport.PageTableDirty;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.Attach;
import dev.iovabitmap.vfio.uapi.Iommufd.Bind;
import dev.iovabitmap.vfio.uapi.Iommufd.HwInfo;
import dev.iovabitmap.vfio.uapi.Iommufd.HwptAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasMap;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasUnmap;
import dev.iovabitmap.vfio.uapi.Iommufd.IovaRanges;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** An I/O address space of IOMMUFD, and the hardware page tables that hold its mappings. */
public final class IommufdSpace extends AddressSpace {
    private static final String IOMMUFD = "/dev/iommu";
    private static final int MAX_ALLOWED_RANGES = 64;

    /** What is taken for the IOMMU's page size where it tells none. */
    private static final long USUAL_PAGE_SIZE = 4096;

    private record PageTable(int id, SourceState state) {}

    private int ioas;
    private final List<PageTable> pageTables = new ArrayList<>();

    private IommufdSpace(Vfio vfio, Descriptor descriptor, int ioas, List<IovaRange> mappings) {
        super(vfio, descriptor, mappings);
        this.ioas = ioas;
    }

    static IommufdSpace open(Vfio vfio) {
        IommufdSpace space = new IommufdSpace(vfio, Descriptor.open(vfio.syscalls(), IOMMUFD), 0, List.of());
        try {
            MemorySegment alloc = space.caller.struct(IoasAlloc.LAYOUT.byteSize());
            IoasAlloc.SIZE.set(alloc, alloc.byteSize());
            space.caller.call(space.descriptor, Ioctl.IOMMU_IOAS_ALLOC, alloc, IOMMUFD);
            space.ioas = IoasAlloc.OUT_IOAS_ID.getInt(alloc);
            return space;
        } catch (Throwable e) {
            Vfio.closeAfter(e, space);
            throw e;
        }
    }

    static IommufdSpace adopt(Vfio vfio, int fd, int ioas, List<Integer> pageTables, List<IovaRange> mappings) {
        String name = "iommufd with file descriptor " + fd;
        IommufdSpace space = new IommufdSpace(vfio, Descriptor.adopt(vfio.syscalls(), name, fd), ioas, mappings);
        for (int id : pageTables) {
            space.add(id, vfio.stateOf(name + " and page table " + id));
        }
        return space;
    }

    private void add(int pageTable, SourceState state) {
        pageTables.add(new PageTable(pageTable, state));
        involve(state);
    }

    /**
     * Opens a device by its own file and attaches it to this address space: through a page table that tracks, if the IOMMU has
     * such.
     *
     * @param path the device's file, such as {@code /dev/vfio/devices/vfio0}
     * @return the device, which the caller closes before this address space
     * @throws IoctlException if the kernel refuses
     */
    public synchronized VfioDevice openDevice(Path path) {
        Descriptor device = Descriptor.open(vfio.syscalls(), path.toString());
        try {
            int id = bind(device);
            if (!tracks(id)) {
                Caller.requireDone(attach(device, ioas), Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT.name(), "pt_id=" + ioas);
            } else if (attachToOneThatIsThere(device).isEmpty()) {
                int pageTable = allocatePageTable(id);
                Caller.requireDone(
                        attach(device, pageTable), Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT.name(), "pt_id=" + pageTable);
                add(pageTable, new SourceState(this + " and page table " + pageTable));
            }
            return new VfioDevice(vfio, device, new SourceState(path.toString()), this);
        } catch (Throwable e) {
            Vfio.closeAfter(e, device);
            throw e;
        }
    }

    /**
     * Takes note of a device that somebody else is about to attach here; call this before it is attached.
     *
     * @param fd its file descriptor
     * @param attachedTo the id that it is attached to: a page table that was allocated with dirty tracking, which becomes part
     *     of this address space if it is not yet; or the address space itself, whose own page tables do not track
     * @return the device; closing it leaves the file descriptor open
     */
    public VfioDevice adoptDevice(int fd, int attachedTo) {
        return vfio.adoptDevice(fd, this);
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

    private OptionalInt attachToOneThatIsThere(Descriptor device) {
        return pageTables.stream()
                .mapToInt(PageTable::id)
                .filter(id -> attach(device, id) >= 0) // EINVAL: it is behind another IOMMU
                .findFirst();
    }

    private int attach(Descriptor device, int pageTable) {
        MemorySegment attach = caller.struct(Attach.LAYOUT.byteSize());
        Attach.ARGSZ.set(attach, attach.byteSize());
        Attach.PT_ID.set(attach, pageTable);
        return caller.ask(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, attach, MemorySegment.NULL);
    }

    private int allocatePageTable(int device) {
        MemorySegment alloc = caller.struct(HwptAlloc.LAYOUT.byteSize());
        HwptAlloc.SIZE.set(alloc, alloc.byteSize());
        HwptAlloc.FLAGS.set(alloc, HwptAlloc.DIRTY_TRACKING);
        HwptAlloc.DEV_ID.set(alloc, device);
        HwptAlloc.PT_ID.set(alloc, ioas);
        caller.call(descriptor, Ioctl.IOMMU_HWPT_ALLOC, alloc, "dev_id=" + device + " pt_id=" + ioas);
        return HwptAlloc.OUT_HWPT_ID.getInt(alloc);
    }

    @Override
    void mapHere(long iova, MemorySegment memory) {
        MemorySegment map = caller.struct(IoasMap.LAYOUT.byteSize());
        IoasMap.SIZE.set(map, map.byteSize());
        IoasMap.FLAGS.set(map, IoasMap.FIXED_IOVA | IoasMap.WRITEABLE | IoasMap.READABLE);
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
    List<Source> sources() {
        if (pageTables.isEmpty()) {
            return List.of();
        }
        long granule = granule();
        return pageTables.stream()
                .map(table -> new Source(
                        table.state,
                        this,
                        session -> new PageTableDirty(session, descriptor, table.id, granule, mappings())))
                .toList();
    }

    /** The smallest page of the IOMMU, to which all mappings are aligned. */
    private long granule() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment allowed =
                    arena.allocate(dev.iovabitmap.vfio.uapi.Iommufd.IovaRange.LAYOUT, MAX_ALLOWED_RANGES);
            MemorySegment ranges = caller.struct(IovaRanges.LAYOUT.byteSize());
            IovaRanges.SIZE.set(ranges, ranges.byteSize());
            IovaRanges.IOAS_ID.set(ranges, ioas);
            IovaRanges.NUM_IOVAS.set(ranges, MAX_ALLOWED_RANGES);
            IovaRanges.ALLOWED_IOVAS.set(ranges, allowed.address());
            int result = caller.ask(descriptor, Ioctl.IOMMU_IOAS_IOVA_RANGES, ranges, allowed);
            if (result != -Errno.EMSGSIZE) { // more ranges than there is room for; the alignment is told all the same
                Caller.requireDone(result, Ioctl.IOMMU_IOAS_IOVA_RANGES.name(), "ioas_id=" + ioas);
            }
            long alignment = IovaRanges.OUT_IOVA_ALIGNMENT.get(ranges);
            return alignment > 1 && Unsigned.isPowerOfTwo(alignment) ? alignment : alignmentOfMappings();
        }
    }

    private long alignmentOfMappings() {
        long bits = mappings().stream()
                .mapToLong(range -> range.iova() | range.length())
                .reduce(USUAL_PAGE_SIZE, (a, b) -> a | b);
        return Long.lowestOneBit(bits);
    }

    @Override
    void closeHere() {
        descriptor.close(); // the kernel destroys what was allocated with the file
    }
}
