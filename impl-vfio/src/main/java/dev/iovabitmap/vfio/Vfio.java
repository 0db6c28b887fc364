package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.session.Session;
import dev.iovabitmap.vfio.session.Source;
import dev.iovabitmap.vfio.session.SourceState;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
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

    /** What is adopted twice is still one thing. */
    private final Map<String, SourceState> adopted = new ConcurrentHashMap<>();

    private Vfio(Syscalls syscalls) {
        this.syscalls = syscalls;
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

    SourceState stateOf(String name) {
        return adopted.computeIfAbsent(name, SourceState::new);
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
        return Type1Container.open(this, groups);
    }

    /**
     * Uses a container that somebody else holds.
     *
     * @param fd its file descriptor
     * @param mappings what is mapped, each exactly as it was mapped
     * @return the container; closing it leaves the file descriptor open
     */
    public Type1Container adoptContainer(int fd, List<IovaRange> mappings) {
        return Type1Container.adopt(this, fd, mappings);
    }

    /**
     * Opens an address space of IOMMUFD.
     *
     * @return the address space, which the caller closes
     * @throws IoctlException if a call fails
     */
    public IommufdSpace openAddressSpace() {
        return IommufdSpace.open(this);
    }

    /**
     * Uses an address space of IOMMUFD that somebody else holds.
     *
     * @param fd its file descriptor
     * @param ioas the id of the address space
     * @param pageTables the ids of its hardware page tables that were allocated with dirty tracking; somebody else must not
     *     enable tracking on them while a session does, since enabling forgets what was tracked
     * @param mappings what is mapped, each exactly as it was mapped
     * @return the address space; closing it leaves the file descriptor open
     */
    public IommufdSpace adoptAddressSpace(int fd, int ioas, List<Integer> pageTables, List<IovaRange> mappings) {
        return IommufdSpace.adopt(this, fd, ioas, pageTables, mappings);
    }

    /**
     * Uses a device that somebody else holds.
     *
     * @param fd its file descriptor
     * @param addressSpace what the device is attached to; null if only the device's own log is wanted
     * @return the device; closing it leaves the file descriptor open
     */
    public VfioDevice adoptDevice(int fd, @Nullable AddressSpace addressSpace) {
        String name = "device with file descriptor " + fd;
        return new VfioDevice(this, Descriptor.adopt(syscalls, name, fd), stateOf(name), addressSpace);
    }

    /**
     * Tracks what devices write, as QEMU does: by the devices' own logs if all have one, else by the IOMMUs if all can
     * track, and else by taking everything for dirty. All feed the same bitmaps.
     *
     * @param devices which; without any, everything is dirty
     * @param ranges what to track, in any order
     * @param pageSize the page size to ask for in bytes, a power of two
     * @return the session, which the caller closes
     * @throws IllegalStateException if one of the devices, or its address space, is tracked already
     * @throws IoctlException if tracking could not be started; nothing is tracked then
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
     * @throws IoctlException if tracking could not be started; nothing is tracked then
     */
    public VfioTracker track(List<VfioDevice> devices, List<IovaRange> ranges, long pageSize, int maxRanges) {
        if (!devices.isEmpty() && devices.stream().allMatch(VfioDevice::canLog)) {
            List<Source> logs = devices.stream().map(VfioDevice::source).toList();
            return start("log", logs, ranges, pageSize, maxRanges);
        }
        Set<AddressSpace> spaces = devices.stream()
                .flatMap(device -> device.addressSpace().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        boolean allBehindOne =
                devices.stream().allMatch(device -> device.addressSpace().isPresent());
        if (!spaces.isEmpty() && allBehindOne && spaces.stream().allMatch(AddressSpace::canTrack)) {
            return trackMappings(spaces, ranges, pageSize);
        }
        return start("nothing", List.of(), ranges, pageSize, maxRanges);
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
        return List.of();
    }

    /**
     * Tracks what is written through IOMMUs, whichever device does.
     *
     * @param spaces the address spaces
     * @param ranges what to track, in any order; where nothing is mapped, everything counts as dirty
     * @param pageSize the page size to align the ranges to in bytes, a power of two
     * @return the session, which the caller closes
     * @throws IllegalStateException if one of them cannot track or is tracked already
     * @throws IoctlException if tracking could not be started; nothing is tracked then
     */
    public VfioTracker trackMappings(Set<AddressSpace> spaces, List<IovaRange> ranges, long pageSize) {
        List<Source> sources = new ArrayList<>();
        for (AddressSpace space : spaces) {
            List<Source> here = space.trackedBy();
            if (here.isEmpty()) {
                throw new IllegalStateException(space + " cannot track dirty pages");
            }
            sources.addAll(here);
        }
        String by = spaces.stream().map(Vfio::transportOf).distinct().collect(Collectors.joining(" and "));
        return start(by, sources, ranges, pageSize, KERNELS_LIMIT);
    }

    private static String transportOf(AddressSpace space) {
        return switch (space) {
            case Type1Container container -> "type1";
            case IommufdSpace iommufd -> "iommufd";
        };
    }

    private VfioTracker start(String by, List<Source> sources, List<IovaRange> ranges, long pageSize, int maxRanges) {
        return new VfioTracker(by, Session.start(syscalls, sources, ranges, pageSize, maxRanges), pageSize);
    }

    /** Closes what a failure leaves behind. */
    static void closeAfter(Throwable failure, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes all, whatever fails on the way. */
    static void closeAll(List<Descriptor> first, Descriptor last) {
        try (last) {
            RuntimeException failure = null;
            for (Descriptor descriptor : first) {
                try {
                    descriptor.close();
                } catch (RuntimeException e) {
                    failure = e;
                }
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
