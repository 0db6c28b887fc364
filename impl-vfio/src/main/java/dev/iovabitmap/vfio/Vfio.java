package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Plan;
import dev.iovabitmap.vfio.session.Session;
import dev.iovabitmap.vfio.session.Space;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Dirty tracking by a kernel. Devices and address spaces are opened here, or adopted from a virtual machine monitor that
 * holds them already; what is adopted is never closed. Then a session tracks:
 *
 * {@snippet :
 * try (Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/12")));
 *         VfioDevice device = container.openDevice("0000:01:00.0");
 *         VfioTracker tracker = vfio.track(List.of(device), ranges, 4096);
 *         IovaBitmap bitmap = tracker.allocate(iova, length, 4096, data)) {
 *     bitmap.forEach(null, (it, from, size, nothing) -> {});
 * }
 * }
 */
public final class Vfio {
    /** How many ranges a device is asked to log where the caller does not say: as many as the kernel takes. */
    private static final int KERNELS_LIMIT = 256;

    private final Syscalls syscalls;

    /** Makes the calls, one at a time: whoever does holds the lock. */
    private final Caller caller;

    private Vfio(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.caller = new Caller(syscalls);
    }

    /**
     * Returns the dirty tracking of the running kernel.
     *
     * @return the way to it
     * @throws IllegalStateException with one sentence why, if this is not 64-bit little-endian Linux or native access is denied
     */
    public static Vfio linux() {
        return new Vfio(Syscalls.linux());
    }

    /**
     * Returns the dirty tracking of a simulated kernel.
     *
     * @param kernel which
     * @return the way to it
     */
    public static Vfio of(SimulatedKernel kernel) {
        return new Vfio(kernel.syscalls());
    }

    /** {@return the way to whoever answers} */
    static Vfio of(Syscalls syscalls) {
        return new Vfio(syscalls);
    }

    Syscalls syscalls() {
        return syscalls;
    }

    Caller caller() {
        return caller;
    }

    /** Does something while nobody else changes what is open, mapped or tracked. */
    <T extends @Nullable Object> T locked(Supplier<T> action) {
        ReentrantLock lock = syscalls.files().lock();
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    void locked(Runnable action) {
        locked(() -> {
            action.run();
            return null;
        });
    }

    /**
     * Opens a container with a type1 IOMMU.
     *
     * @param groups the files of its groups, such as {@code /dev/vfio/12}
     * @return the container, which the caller closes
     * @throws IoctlException if a call fails
     * @throws IllegalStateException if a group is not viable, or there is no type1 IOMMU
     */
    public Type1Container openContainer(List<Path> groups) {
        return locked(() -> Type1Container.open(this, groups));
    }

    /**
     * Uses a container that somebody else holds.
     *
     * @param fd its file descriptor
     * @param mappings what is mapped, each exactly as it was mapped
     * @return the container; closing it leaves the file descriptor open, which has to stay open until then
     */
    public Type1Container adoptContainer(int fd, List<IovaRange> mappings) {
        return locked(() -> Type1Container.adopt(this, fd, mappings));
    }

    /**
     * Opens an address space of IOMMUFD.
     *
     * @return the address space, which the caller closes
     * @throws IoctlException if a call fails
     */
    public IommufdSpace openAddressSpace() {
        return locked(() -> IommufdSpace.open(this));
    }

    /**
     * Uses an address space of IOMMUFD that somebody else holds.
     *
     * @param fd its file descriptor
     * @param ioas the id of the address space
     * @param pageTables the ids of its hardware page tables that were allocated with dirty tracking; somebody else must not
     *     enable tracking on them while a session does, since enabling forgets what was tracked
     * @param mappings what is mapped, each exactly as it was mapped
     * @return the address space; closing it leaves the file descriptor open, which has to stay open until then
     */
    public IommufdSpace adoptAddressSpace(int fd, int ioas, List<Integer> pageTables, List<IovaRange> mappings) {
        return locked(() -> IommufdSpace.adopt(this, fd, ioas, pageTables, mappings));
    }

    /**
     * Uses a device that somebody else holds.
     *
     * @param fd its file descriptor
     * @param addressSpace what the device is attached to; null if only the device's own log is wanted
     * @return the device; closing it leaves the file descriptor open
     */
    public VfioDevice adoptDevice(int fd, @Nullable AddressSpace addressSpace) {
        return locked(() -> {
            Descriptor descriptor = Descriptor.adopt(syscalls, "device with file descriptor " + fd, fd);
            return adopted(descriptor, addressSpace, addressSpace != null);
        });
    }

    VfioDevice adopted(Descriptor descriptor, @Nullable AddressSpace addressSpace, boolean translated) {
        try {
            VfioDevice device = VfioDevice.joining(this, descriptor, addressSpace, translated);
            device.device().adopt();
            return device;
        } catch (Throwable e) {
            closeAfter(e, descriptor);
            throw e;
        }
    }

    /**
     * Tracks what devices write: these, and all others that are open in their address spaces, since they can write there as well.
     * It is by the devices' own logs if all have one, else for each by what tracks its address space, or by its log. If one is
     * left that nothing tracks, everything is dirty; {@link #check} says so before. All feed the same bitmaps.
     *
     * @param devices which; without any, everything is dirty
     * @param ranges what to track, in any order
     * @param pageSize the page size to ask for in bytes, a power of two
     * @return the session, which the caller closes
     * @throws IllegalStateException if one of the devices, or its address space, is tracked already
     * @throws IoctlException if tracking could not be started; what was started is stopped again
     */
    public VfioTracker track(List<VfioDevice> devices, List<IovaRange> ranges, long pageSize) {
        return track(devices, ranges, pageSize, KERNELS_LIMIT);
    }

    /**
     * Tracks what devices write, and asks each to log a limited number of ranges.
     *
     * @param devices which; without any, everything is dirty
     * @param ranges what to track, in any order
     * @param pageSize the page size to ask for in bytes, a power of two
     * @param maxRanges how many ranges a device logs at most, at least 1; the smallest gaps are closed where there are more
     * @return the session, which the caller closes
     * @throws IllegalStateException if one of the devices, or its address space, is tracked already
     * @throws IoctlException if tracking could not be started; what was started is stopped again
     */
    public VfioTracker track(List<VfioDevice> devices, List<IovaRange> ranges, long pageSize, int maxRanges) {
        return locked(() -> start(planOf(devices), ranges, pageSize, maxRanges));
    }

    private static Plan planOf(List<VfioDevice> devices) {
        return Plan.ofDevices(devices.stream().map(VfioDevice::requireOpen).toList());
    }

    /**
     * Says what a session of {@link #track} would not track and why, before it starts. Nothing is changed.
     *
     * @param devices which
     * @param ranges what to track
     * @return a finding for each device and each range that would not be tracked ({@code LIMITED}), and for each list that is
     *     trusted since no call can check it ({@code UNKNOWN}); empty if everything is tracked exactly as promised
     * @throws IoctlException if something cannot be asked
     */
    public List<Finding> check(List<VfioDevice> devices, List<IovaRange> ranges) {
        return locked(() -> Check.of(planOf(devices), ranges));
    }

    /**
     * Tracks what is written through IOMMUs, whichever device does, and by its own log what a device writes past them.
     *
     * @param spaces the address spaces
     * @param ranges what to track, in any order; where nothing is mapped, everything counts as dirty
     * @param pageSize the page size to align the ranges to in bytes, a power of two
     * @return the session, which the caller closes
     * @throws IllegalStateException if one of them cannot track or is tracked already, or has a device that nothing tracks
     * @throws IoctlException if tracking could not be started; what was started is stopped again
     */
    public VfioTracker trackMappings(Set<AddressSpace> spaces, List<IovaRange> ranges, long pageSize) {
        return locked(() -> {
            List<Space> tracked = spaces.stream().map(space -> space.space).toList();
            for (Space space : tracked) {
                refuse(space.whyNot(), space);
            }
            Plan plan = Plan.ofSpaces(tracked);
            plan.untracked().forEach((device, why) -> refuse(why, device.space()));
            return start(plan, ranges, pageSize, KERNELS_LIMIT);
        });
    }

    private static void refuse(@Nullable String why, Space space) {
        if (why != null) {
            throw new IllegalStateException(why + ": " + space + " cannot track dirty pages");
        }
    }

    private VfioTracker start(Plan plan, List<IovaRange> ranges, long pageSize, int maxRanges) {
        Session session = Session.start(syscalls.files().lock(), plan, ranges, pageSize, maxRanges);
        return new VfioTracker(session, pageSize);
    }

    /** Closes what a failure leaves behind. */
    static void closeAfter(Throwable failure, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }
}
