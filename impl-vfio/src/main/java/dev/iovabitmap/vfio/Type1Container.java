package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Failures;
import dev.iovabitmap.vfio.session.Space;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.transport.Type1Dirty;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.GroupStatus;
import dev.iovabitmap.vfio.uapi.Type1.Map;
import dev.iovabitmap.vfio.uapi.Type1.Unmap;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A container of VFIO groups with a type1 IOMMU, version 2. */
public final class Type1Container extends AddressSpace {
    private static final String CONTAINER = "/dev/vfio/vfio";
    private static final int API_VERSION = 0;
    private static final int TYPE1_V2 = 3;

    private final List<Descriptor> groups = new ArrayList<>();

    private Type1Container(Vfio vfio, Descriptor descriptor) {
        super(vfio, descriptor, spaceOf(vfio, descriptor));
    }

    private static Space spaceOf(Vfio vfio, Descriptor descriptor) {
        return descriptor.file().remembered(Space.class, 0, () -> {
            Type1Dirty dirty = new Type1Dirty(vfio.caller(), descriptor.file());
            Space space = new Space(descriptor.toString(), dirty::whyNot);
            space.add(dirty);
            return space;
        });
    }

    static Type1Container open(Vfio vfio, List<Path> groups) {
        Type1Container container = new Type1Container(vfio, Descriptor.open(vfio.syscalls(), CONTAINER));
        try {
            container.setUp(groups);
            return container;
        } catch (Throwable e) {
            Vfio.closeAfter(e, container);
            throw e;
        }
    }

    static Type1Container adopt(Vfio vfio, int fd, List<IovaRange> mappings) {
        String name = "container with file descriptor " + fd;
        Type1Container container = new Type1Container(vfio, Descriptor.adopt(vfio.syscalls(), name, fd));
        container.adopted(mappings);
        return container;
    }

    private void setUp(List<Path> paths) {
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("groups is empty: a container without a group has no IOMMU");
        }
        int version = caller.ask(descriptor, Ioctl.VFIO_GET_API_VERSION, 0);
        if (Caller.requireDone(version, Ioctl.VFIO_GET_API_VERSION.name(), CONTAINER) != API_VERSION) {
            throw new IllegalStateException(CONTAINER + " speaks version " + version + " of the interface, not 0");
        }
        int type1 = caller.ask(descriptor, Ioctl.VFIO_CHECK_EXTENSION, TYPE1_V2);
        if (Caller.requireDone(type1, Ioctl.VFIO_CHECK_EXTENSION.name(), "TYPE1v2") == 0) {
            throw new IllegalStateException(CONTAINER + " has no type1 IOMMU: is the module vfio_iommu_type1 loaded?");
        }
        paths.forEach(path -> addGroup(path.toString()));
        caller.call(descriptor, Ioctl.VFIO_SET_IOMMU, TYPE1_V2);
    }

    private void addGroup(String path) {
        Descriptor group = Descriptor.open(vfio.syscalls(), path);
        groups.add(group);
        MemorySegment status = caller.struct(GroupStatus.LAYOUT.byteSize());
        GroupStatus.ARGSZ.set(status, status.byteSize());
        int result = caller.ask(group, Ioctl.VFIO_GROUP_GET_STATUS, status, MemorySegment.NULL);
        Caller.requireDone(result, Ioctl.VFIO_GROUP_GET_STATUS.name(), path);
        if ((GroupStatus.FLAGS.get(status) & GroupStatus.VIABLE) == 0) {
            throw new IllegalStateException(
                    path + " is not viable: every device of the group has to be bound to a driver of VFIO");
        }
        MemorySegment number = caller.struct(Integer.BYTES);
        number.set(ValueLayout.JAVA_INT, 0, descriptor.number());
        caller.call(group, Ioctl.VFIO_GROUP_SET_CONTAINER, number, path);
    }

    /**
     * Opens a device of one of the groups.
     *
     * @param name its name in the group, such as {@code 0000:01:00.0}
     * @return the device, which the caller closes before this container; it joins the sessions that run here
     * @throws IoctlException if the kernel refuses; with ENODEV if no group has such a device
     */
    public VfioDevice openDevice(String name) {
        return vfio.locked(() -> open(name));
    }

    private VfioDevice open(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment string = arena.allocateFrom(name);
            int result = -Errno.ENODEV;
            for (Descriptor group : groups) {
                result = caller.ask(group, Ioctl.VFIO_GROUP_GET_DEVICE_FD, string, MemorySegment.NULL);
                if (result != -Errno.ENODEV) {
                    break;
                }
            }
            int fd = Caller.requireDone(result, Ioctl.VFIO_GROUP_GET_DEVICE_FD.name(), name);
            Descriptor device = Descriptor.own(vfio.syscalls(), name, fd);
            try {
                return VfioDevice.joining(vfio, device, this, true);
            } catch (Throwable e) {
                Vfio.closeAfter(e, device);
                throw e;
            }
        }
    }

    @Override
    void mapHere(long iova, MemorySegment memory) {
        MemorySegment map = caller.struct(Map.LAYOUT.byteSize());
        Map.ARGSZ.set(map, map.byteSize());
        Map.FLAGS.set(map, memory.isReadOnly() ? Map.READ : Map.READ | Map.WRITE);
        Map.VADDR.set(map, memory.address());
        Map.IOVA.set(map, iova);
        Map.SIZE.set(map, memory.byteSize());
        String arguments = "iova=" + Unsigned.hex(iova) + " size=" + Unsigned.hex(memory.byteSize());
        caller.call(descriptor, Ioctl.VFIO_IOMMU_MAP_DMA, map, memory, Ioctl.VFIO_IOMMU_MAP_DMA.name(), arguments);
    }

    @Override
    void unmapHere(IovaRange mapping) {
        MemorySegment unmap = caller.struct(Unmap.LAYOUT.byteSize());
        Unmap.ARGSZ.set(unmap, unmap.byteSize());
        Unmap.IOVA.set(unmap, mapping.iova());
        Unmap.SIZE.set(unmap, mapping.length());
        caller.call(descriptor, Ioctl.VFIO_IOMMU_UNMAP_DMA, unmap, mapping.toString());
    }

    @Override
    void closeHere() {
        List<Descriptor> all = new ArrayList<>(groups);
        all.addFirst(descriptor);
        Failures.all(all.reversed(), Descriptor::close);
    }

    @Override
    AddressSpace adoptedBy(Vfio other, int fd) {
        return other.adoptContainer(fd, mappings());
    }
}
