package dev.iovabitmap.vfio;

import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Device;
import dev.iovabitmap.vfio.session.Device.Leaving;
import dev.iovabitmap.vfio.session.Failures;
import dev.iovabitmap.vfio.session.Space;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.transport.DeviceLogging;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device that is bound to VFIO. */
public final class VfioDevice implements AutoCloseable {
    private final Vfio vfio;
    private final Descriptor descriptor;
    private final @Nullable AddressSpace addressSpace;
    private final Device device;
    private boolean closed;

    private VfioDevice(Vfio vfio, Descriptor descriptor, @Nullable AddressSpace addressSpace, Device device) {
        this.vfio = vfio;
        this.descriptor = descriptor;
        this.addressSpace = addressSpace;
        this.device = device;
    }

    /**
     * Takes note of a device that is about to be able to write.
     *
     * @param descriptor an open file of it; if it was opened here, its name is the device's in the address space
     * @param addressSpace where to; null if that is not to be known
     * @param translated whether its writes go through what tracks there
     */
    static VfioDevice joining(
            Vfio vfio, Descriptor descriptor, @Nullable AddressSpace addressSpace, boolean translated) {
        Space space = addressSpace == null ? null : addressSpace.space;
        String name = descriptor.toString();
        Device device = descriptor
                .file()
                .remembered(
                        Device.class,
                        0,
                        () -> Optional.ofNullable(space)
                                .flatMap(there -> there.deviceNamed(name))
                                .orElseGet(() -> new Device(name, new DeviceLogging(vfio.caller()))));
        device.log().use(descriptor.file());
        try {
            device.join(space, translated);
        } catch (Throwable e) {
            device.log().leave(descriptor.file());
            throw e;
        }
        return new VfioDevice(vfio, descriptor, addressSpace, device);
    }

    Device device() {
        return device;
    }

    Descriptor descriptor() {
        return descriptor;
    }

    /** {@return the device, if it is open} */
    Device requireOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
        return device;
    }

    /**
     * {@return whether the device can log its own DMA}
     *
     * @throws IoctlException if it cannot be asked
     */
    public boolean canLog() {
        return vfio.locked(() -> requireOpen().log().isSupported());
    }

    /** {@return the address space that the device was opened through or adopted with} */
    public Optional<AddressSpace> addressSpace() {
        return Optional.ofNullable(addressSpace);
    }

    /**
     * Closes the device if it was opened, and not if it was adopted. Closing again does nothing.
     *
     * <p>This may be done while a session tracks, as unplugging the device does: what it wrote before is in the session. A
     * device that logs and cannot be detached first, as one of a group or an adopted one, may write after its log has ended. So
     * everything is dirty once.
     *
     * @throws IoctlException if a call fails; the device is closed all the same
     */
    @Override
    public void close() {
        vfio.locked(() -> leave(canStillWrite() ? Leaving.ATTACHED : Leaving.DETACHED));
    }

    /** Behind IOMMUFD a device can be detached before its last report. A group lets go of its devices only when they are closed. */
    private boolean canStillWrite() {
        boolean ours = !closed && !device.isAdopted() && device.losesItsLog();
        return !(ours && addressSpace instanceof IommufdSpace space && space.detach(descriptor));
    }

    void leave(Leaving how) {
        if (!closed) {
            closed = true;
            Failures.all(List.of(() -> device.leave(how), this::closeFile), Runnable::run);
        }
    }

    private void closeFile() {
        try {
            descriptor.close();
        } finally {
            device.log().leave(descriptor.file());
        }
    }

    @Override
    public String toString() {
        return descriptor.toString();
    }
}
