package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** {@code /dev/vfio/N}: a group of one device. Open devices keep it open, as in Linux. */
final class GroupFile extends OpenFile {
    private final SimulatedDevice device;
    private @Nullable ContainerFile container;
    private int openDevices;

    GroupFile(SimulatedKernel kernel, SimulatedDevice device) {
        super(kernel, device.groupPath());
        this.device = device;
        device.group = this;
    }

    SimulatedDevice device() {
        return device;
    }

    @Nullable
    ContainerFile container() {
        return container;
    }

    @Override
    int ioctl(Ioctl request, UserMemory memory) {
        return switch (request) {
            case VFIO_GROUP_GET_STATUS -> getStatus(memory);
            case VFIO_GROUP_SET_CONTAINER -> setContainer(memory);
            case VFIO_GROUP_UNSET_CONTAINER -> unsetContainer();
            case VFIO_GROUP_GET_DEVICE_FD -> getDeviceFd(memory);
            default -> throw noSuchIoctl();
        };
    }

    private int getStatus(UserMemory memory) {
        long size = Type1.GroupStatus.LAYOUT.byteSize();
        MemorySegment status = memory.copyIn(size);
        KernelError.unless(!U64.less(Type1.GroupStatus.ARGSZ.get(status), size), Errno.EINVAL);
        Type1.GroupStatus.FLAGS.set(
                status, Type1.GroupStatus.VIABLE | (container == null ? 0 : Type1.GroupStatus.CONTAINER_SET));
        memory.copyOut(status, size);
        return 0;
    }

    private int setContainer(UserMemory memory) {
        int fd = memory.copyIn(Integer.BYTES).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        KernelError.unless(fd >= 0, Errno.EINVAL);
        OpenFile file = kernel().table().get(fd);
        KernelError.unless(container == null, Errno.EINVAL);
        if (!(file instanceof ContainerFile chosen)) {
            throw new KernelError(Errno.EINVAL);
        }
        chosen.attach(this);
        container = chosen;
        return 0;
    }

    private int unsetContainer() {
        KernelError.unless(container != null, Errno.EINVAL);
        KernelError.unless(openDevices == 0, Errno.EBUSY);
        leaveContainer();
        return 0;
    }

    private int getDeviceFd(UserMemory memory) {
        String name = memory.string();
        KernelError.unless(device.name().equals(name), Errno.ENODEV);
        KernelError.unless(container != null && container.iommu() != null, Errno.EINVAL);
        int fd = kernel().table().install(new DeviceFile(kernel(), device, this));
        openDevices++;
        get();
        return fd;
    }

    void deviceClosed() {
        openDevices--;
        put();
    }

    private void leaveContainer() {
        if (container != null) {
            ContainerFile left = container;
            container = null;
            left.detach(this);
        }
    }

    @Override
    void release() {
        leaveContainer();
        device.group = null;
    }

    @Override
    Held held() {
        return Held.NOTHING;
    }
}
