package dev.iovabitmap.vfio;

import dev.iovabitmap.vfio.session.Source;
import dev.iovabitmap.vfio.session.SourceState;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.transport.DeviceLogging;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device that is bound to VFIO. */
public final class VfioDevice implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Descriptor descriptor;
    private final SourceState state;
    private final Caller caller;
    private final @Nullable AddressSpace addressSpace;
    private boolean closed;

    VfioDevice(Vfio vfio, Descriptor descriptor, SourceState state, @Nullable AddressSpace addressSpace) {
        this.descriptor = descriptor;
        this.state = state;
        this.caller = new Caller(vfio.syscalls(), arena);
        this.addressSpace = addressSpace;
        if (addressSpace != null) {
            addressSpace.involve(state);
        }
    }

    /**
     * {@return whether the device can log its own DMA}
     *
     * @throws IoctlException if it cannot be asked
     */
    public synchronized boolean canLog() {
        return DeviceLogging.isSupported(caller, descriptor);
    }

    /** {@return the address space that the device was opened through or adopted with} */
    public Optional<AddressSpace> addressSpace() {
        return Optional.ofNullable(addressSpace);
    }

    Source source() {
        return new Source(state, this, session -> new DeviceLogging(session, descriptor));
    }

    /**
     * Closes the device if it was opened, and not if it was adopted. Closing again does nothing.
     *
     * @throws IllegalStateException if a session tracks with it
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        state.requireIdle();
        closed = true;
        try {
            descriptor.close();
        } finally {
            if (addressSpace != null) {
                addressSpace.release(state);
            }
            arena.close();
        }
    }

    @Override
    public String toString() {
        return descriptor.toString();
    }
}
