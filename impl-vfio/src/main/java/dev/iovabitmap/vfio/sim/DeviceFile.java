package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Field;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A device: got from its group, or opened by its own file, where it answers nothing until it is bound to IOMMUFD. */
final class DeviceFile extends OpenFile {
    private static final int HEADER = (int) Header.LAYOUT.byteSize();

    private final SimulatedDevice device;
    private final @Nullable GroupFile group;
    private @Nullable BoundDevice bound;

    DeviceFile(SimulatedKernel kernel, SimulatedDevice device, @Nullable GroupFile group) {
        super(kernel, group == null ? device.cdevPath() : device.name());
        this.device = device;
        this.group = group;
        if (group == null) {
            device.openCdevs++;
        } else {
            device.owners.add(this);
        }
    }

    @Override
    int ioctl(Ioctl request, UserMemory memory) {
        boolean cdev = group == null;
        if (cdev && request == Ioctl.VFIO_DEVICE_BIND_IOMMUFD) {
            return bind(memory);
        }
        KernelError.unless(!cdev || bound != null, Errno.EINVAL);
        return switch (request) {
            case VFIO_DEVICE_BIND_IOMMUFD ->
                throw new KernelError(kernel().version().hasIommufd() ? Errno.EINVAL : Errno.ENOTTY);
            // A device knows the number only as the first of the two.
            case VFIO_DEVICE_FEATURE, VFIO_IOMMU_DIRTY_PAGES -> feature(memory);
            case VFIO_DEVICE_ATTACH_IOMMUFD_PT -> attach(memory);
            case VFIO_DEVICE_DETACH_IOMMUFD_PT -> detach(memory);
            default -> throw noSuchIoctl();
        };
    }

    private int feature(UserMemory memory) {
        MemorySegment header = memory.copyIn(HEADER);
        long argsz = Header.ARGSZ.get(header);
        int flags = (int) Header.FLAGS.get(header);
        KernelError.unless(argsz >= HEADER, Errno.EINVAL);
        int known = Header.FEATURE_MASK | Header.GET | Header.SET | Header.PROBE;
        KernelError.unless((flags & ~known) == 0, Errno.EINVAL);
        boolean both = (flags & Header.GET) != 0 && (flags & Header.SET) != 0;
        KernelError.unless(!both || (flags & Header.PROBE) != 0, Errno.EINVAL);
        long payload = argsz - HEADER;
        return switch (flags & Header.FEATURE_MASK) {
            case Header.DMA_LOGGING_START -> {
                if (probed(flags, Header.SET, payload, LoggingControl.LAYOUT.byteSize())) {
                    yield 0;
                }
                yield start(memory);
            }
            case Header.DMA_LOGGING_STOP -> {
                if (probed(flags, Header.SET, payload, 0)) {
                    yield 0;
                }
                device.log.stop();
                yield 0;
            }
            case Header.DMA_LOGGING_REPORT -> {
                if (probed(flags, Header.GET, payload, LoggingReport.LAYOUT.byteSize())) {
                    yield 0;
                }
                MemorySegment report = memory.copyIn(HEADER, LoggingReport.LAYOUT.byteSize());
                device.log.report(report, memory);
                yield 0;
            }
            default -> throw noSuchIoctl();
        };
    }

    private int start(UserMemory memory) {
        long size = LoggingControl.LAYOUT.byteSize();
        MemorySegment control = memory.copyIn(HEADER, size);
        device.log.start(control, memory);
        memory.copyOut(HEADER, control, size);
        return 0;
    }

    /** Checks what the caller wants of a feature; true if that was all it wanted. */
    private boolean probed(int flags, int supported, long payload, long size) {
        KernelError.unless(device.logs(), Errno.ENOTTY);
        int operations = flags & (Header.GET | Header.SET);
        KernelError.unless((operations & ~supported) == 0, Errno.EINVAL);
        if ((flags & Header.PROBE) != 0) {
            return true;
        }
        KernelError.unless(operations != 0, Errno.EINVAL);
        KernelError.unless(payload >= size, Errno.EINVAL);
        return false;
    }

    private int bind(UserMemory memory) {
        long size = Iommufd.Bind.LAYOUT.byteSize();
        MemorySegment bind = argument(memory, size, Iommufd.Bind.ARGSZ, Iommufd.Bind.FLAGS);
        int fd = (int) Iommufd.Bind.IOMMUFD.get(bind);
        KernelError.unless(fd >= 0, Errno.EINVAL);
        KernelError.unless(device.group == null, Errno.EBUSY);
        KernelError.unless(bound == null, Errno.EINVAL);
        OpenFile file = kernel().table().get(fd);
        if (!(file instanceof IommufdFile iommufd)) {
            throw new KernelError(Errno.EBADFD);
        }
        KernelError.unless(device.owners.isEmpty(), Errno.EINVAL);
        BoundDevice created = new BoundDevice(iommufd, device);
        Iommufd.Bind.OUT_DEVID.set(bind, iommufd.objects().add(created));
        memory.copyOut(bind, size);
        iommufd.get();
        device.owners.add(this);
        bound = created;
        return 0;
    }

    private int attach(UserMemory memory) {
        BoundDevice user = KernelError.orFail(bound, Errno.ENOTTY);
        long size = Iommufd.Attach.LAYOUT.byteSize();
        MemorySegment attach = argument(memory, size, Iommufd.Attach.ARGSZ, Iommufd.Attach.FLAGS);
        int id = user.attach((int) Iommufd.Attach.PT_ID.get(attach));
        Iommufd.Attach.PT_ID.set(attach, id);
        memory.copyOut(attach, size);
        return 0;
    }

    private int detach(UserMemory memory) {
        BoundDevice user = KernelError.orFail(bound, Errno.ENOTTY);
        argument(memory, Iommufd.Detach.LAYOUT.byteSize(), Iommufd.Detach.ARGSZ, Iommufd.Detach.FLAGS);
        user.detach();
        return 0;
    }

    private static MemorySegment argument(UserMemory memory, long size, Field argsz, Field flags) {
        MemorySegment argument = memory.copyIn(size);
        KernelError.unless(!U64.less(argsz.get(argument), size) && flags.get(argument) == 0, Errno.EINVAL);
        return argument;
    }

    /** The device writes, and whatever translates its addresses sees it. */
    void write(long first, long last) {
        if (bound != null) {
            bound.write(first, last);
        } else if (group != null
                && group.container() != null
                && group.container().iommu() != null) {
            group.container().iommu().write(first, last);
        }
    }

    boolean reaches(long iova) {
        if (bound != null) {
            return bound.reaches(iova);
        }
        Type1Iommu type1 = type1();
        return type1 != null && type1.reaches(iova);
    }

    @Nullable
    Type1Iommu type1() {
        return group == null || group.container() == null
                ? null
                : group.container().iommu();
    }

    @Override
    void release() {
        boolean last = device.owners.remove(this) && device.owners.isEmpty();
        if (last) {
            device.log.stop();
            Type1Iommu type1 = type1();
            if (type1 != null) {
                device.pinned().all().forEach(run -> type1.unpin(run.first(), run.last()));
            }
            device.pinned().clear();
        }
        if (bound != null) {
            bound.unbind();
            bound.iommufd().put();
            bound = null;
        }
        if (group == null) {
            device.openCdevs--;
        } else {
            group.deviceClosed();
        }
    }

    @Override
    Held held() {
        boolean logging = device.owner() == this && device.log.started();
        return new Held(0, 0, 0, 0, logging ? 1 : 0, 0);
    }
}
