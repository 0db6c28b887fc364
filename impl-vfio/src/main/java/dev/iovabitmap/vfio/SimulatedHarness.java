package dev.iovabitmap.vfio;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Drives device 0 of a simulated kernel, and others beside it. */
final class SimulatedHarness implements HardwareHarness {
    private static final long GIB = 1L << 30;

    /** Two windows and a bit, a range that begins and ends anywhere, and the top of the space, with holes between them. */
    private static final List<IovaRange> LOGGED =
            List.of(new IovaRange(1 << 20, 130 * GIB), new IovaRange((1L << 42) + 0x5000, 3 * GIB - 0x7000), top(GIB));

    /** Mappings: of more than two windows, of huge pages, of one page, and at the end of what the IOMMU translates. */
    private static final List<IovaRange> MAPPED = List.of(
            new IovaRange(1 << 24, 130 * GIB),
            new IovaRange(200 * GIB, 2 * GIB),
            new IovaRange(202 * GIB + 4096, 4096),
            new IovaRange((1L << 48) - GIB, GIB));

    /** Devices that can be put beside device 0, by their names: which one it is, and whether something tracks it as exactly. */
    private record Other(int number, boolean tracked) {}

    private static final Map<String, Other> LOGGING =
            Map.of("like-it", new Other(1, true), "without-log", new Other(2, false));

    private static final Map<String, Other> IN_CONTAINER =
            Map.of("mediated", new Other(1, true), "behind-the-iommu", new Other(2, true));

    private static final Map<String, Other> IN_ADDRESS_SPACE = Map.of(
            "like-it",
            new Other(1, true),
            "behind-another-iommu",
            new Other(2, true),
            "behind-an-iommu-without-dirty-bits",
            new Other(3, false),
            "mediated",
            new Other(4, false),
            "mediated-with-log",
            new Other(5, true));

    private final SimulatedTransport transport;
    private final boolean exact;
    private final SimulatedKernel kernel;
    private final Vfio vfio;
    private final AddressSpace space;
    private final VfioDevice device;
    private final List<VfioDevice> present = new ArrayList<>();
    private final Set<IovaRange> unmappedByOwner = new HashSet<>();

    private static IovaRange top(long length) {
        return new IovaRange(-length, length);
    }

    private SimulatedHarness(SimulatedTransport transport, SimulatedVariant variant) {
        this.transport = transport;
        // pinned pages stay dirty, the entry of a huge page has one bit, and pds cannot be asked for the last 64 pages
        this.exact = transport != SimulatedTransport.TYPE1
                && !variant.misbehaviours().contains(Misbehaviour.HUGE_ENTRIES)
                && !variant.misbehaviours().contains(Misbehaviour.PARTIAL_GROUPS_REFUSED);
        SimulatedKernel.Builder builder = SimulatedKernel.builder(variant.version())
                .misbehaving(variant.misbehaviours().toArray(Misbehaviour[]::new));
        addDevices(builder, variant);
        this.kernel = builder.build();
        this.vfio = Vfio.of(kernel);
        if (transport == SimulatedTransport.IOMMUFD) {
            this.space = vfio.openAddressSpace();
        } else {
            List<Path> groups = IntStream.range(0, kernel.devices())
                    .mapToObj(number -> Path.of("/dev/vfio/" + number))
                    .toList();
            this.space = vfio.openContainer(groups);
        }
        this.device = open(0);
        if (transport != SimulatedTransport.LOG) {
            MAPPED.forEach(range -> space.map(range.iova(), untouched(range.length())));
        }
    }

    private void addDevices(SimulatedKernel.Builder builder, SimulatedVariant variant) {
        builder.devices(1 + others().size());
        switch (transport) {
            case LOG -> builder.withoutLog(2);
            case TYPE1 -> {
                IntStream.range(0, 3).forEach(builder::withoutLog);
                builder.emulatedIommu(1);
                if (!variant.everythingPinned()) {
                    builder.emulatedIommu(0);
                }
            }
            case IOMMUFD -> {
                IntStream.range(0, 5).forEach(builder::withoutLog);
                builder.behindIommu(2, 1).behindIommu(3, 2).withoutDirtyBits(2);
                builder.emulatedIommu(4).emulatedIommu(5);
                if (variant.version() == KernelVersion.V6_19) {
                    builder.amdIommu(0);
                }
            }
        }
    }

    private Map<String, Other> others() {
        return switch (transport) {
            case LOG -> LOGGING;
            case TYPE1 -> IN_CONTAINER;
            case IOMMUFD -> IN_ADDRESS_SPACE;
        };
    }

    private VfioDevice open(int number) {
        return switch (space) {
            case IommufdSpace iommufd -> iommufd.openDevice(Path.of("/dev/vfio/devices/vfio" + number));
            case Type1Container container -> container.openDevice(kernel.deviceName(number));
        };
    }

    /**
     * Opens a harness.
     *
     * @param transport what tracks
     * @param variant the name of one of the variants, or null for the newest kernel without more misbehaviour than it has
     */
    static SimulatedHarness open(SimulatedTransport transport, @Nullable String variant) {
        List<SimulatedVariant> variants = SimulatedVariant.of(transport);
        if (variant == null) {
            return new SimulatedHarness(
                    transport, new SimulatedVariant(newest(variants).version(), Set.of(), false));
        }
        return variants.stream()
                .filter(candidate -> candidate.name().equals(variant))
                .findFirst()
                .map(found -> new SimulatedHarness(transport, found))
                .orElseThrow(() -> new IllegalArgumentException("variant '" + variant + "' is none of "
                        + variants.stream().map(SimulatedVariant::name).toList()));
    }

    private static SimulatedVariant newest(List<SimulatedVariant> variants) {
        return variants.getLast();
    }

    /** Memory for a mapping, at an address that nobody dereferences: the simulated device writes no bytes. */
    @SuppressWarnings("restricted")
    private static MemorySegment untouched(long size) {
        return MemorySegment.ofAddress(1L << 46).reinterpret(size);
    }

    @Override
    public List<IovaRange> trackable() {
        return transport == SimulatedTransport.LOG ? LOGGED : space.mappings();
    }

    /** Others that are present count, whether they are passed on or not. */
    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        if (transport != SimulatedTransport.LOG && present.isEmpty()) {
            return vfio.trackMappings(Set.of(space), ranges, pageSize);
        }
        List<VfioDevice> passed = new ArrayList<>(List.of(device));
        if (transport != SimulatedTransport.LOG) {
            passed.addAll(present);
        }
        return vfio.track(passed, ranges, pageSize);
    }

    @Override
    public void write(long iova, long length) {
        kernel.deviceWrites(0, iova, length);
    }

    @Override
    public boolean isExact() {
        return exact;
    }

    @Override
    public List<String> variants() {
        return SimulatedVariant.of(transport).stream()
                .map(SimulatedVariant::name)
                .toList();
    }

    @Override
    public boolean failNextReport() {
        String call = switch (transport) {
            case LOG -> "VFIO_DEVICE_FEATURE DMA_LOGGING_REPORT";
            case TYPE1 -> "VFIO_IOMMU_DIRTY_PAGES GET_BITMAP";
            case IOMMUFD -> "IOMMU_HWPT_GET_DIRTY_BITMAP";
        };
        kernel.fail(new CallFailure(name -> name.startsWith(call), 0, 1, Errno.EIO, true));
        return true;
    }

    @Override
    public boolean unmap(IovaRange range) {
        if (transport == SimulatedTransport.LOG) {
            return false;
        }
        space.unmap(range);
        return true;
    }

    @Override
    public boolean unmapAsOwner(IovaRange range) {
        if (transport == SimulatedTransport.LOG) {
            return false;
        }
        space.forgetMapping(range);
        vfio.locked(() -> space.unmapHere(range));
        return unmappedByOwner.add(range);
    }

    @Override
    public boolean map(IovaRange range) {
        if (transport == SimulatedTransport.LOG) {
            return false;
        }
        if (unmappedByOwner.remove(range)) {
            vfio.locked(() -> space.mapHere(range.iova(), untouched(range.length())));
            space.adoptMapping(range);
        } else {
            space.map(range.iova(), untouched(range.length()));
        }
        return true;
    }

    @Override
    public List<String> neighbours() {
        return others().keySet().stream().sorted().toList();
    }

    @Override
    public Neighbour plug(String name) {
        Other other = Objects.requireNonNull(others().get(name), name);
        VfioDevice plugged = open(other.number());
        present.add(plugged);
        return new Neighbour() {
            @Override
            public boolean isTracked() {
                return other.tracked();
            }

            @Override
            public void write(long iova, long length) {
                kernel.deviceWrites(other.number(), iova, length);
            }

            @Override
            public void close() {
                present.remove(plugged);
                plugged.close();
            }
        };
    }

    /** By the same descriptors, and by duplicates of them. */
    @Override
    public List<HardwareHarness> duplicates() {
        return List.of(duplicate(fd -> fd, fd -> {}), duplicate(kernel::duplicate, fd -> {
            kernel.syscalls().close(fd);
        }));
    }

    private HardwareHarness duplicate(IntUnaryOperator descriptor, IntConsumer close) {
        Vfio other = Vfio.of(kernel);
        if (transport == SimulatedTransport.LOG) {
            int fd = descriptor.applyAsInt(device.descriptor().number());
            return new DuplicateHarness(this, other, other.adoptDevice(fd, null), null, () -> close.accept(fd));
        }
        int fd = descriptor.applyAsInt(space.descriptor.number());
        return new DuplicateHarness(this, other, null, space.adoptedBy(other, fd), () -> close.accept(fd));
    }

    @Override
    public boolean beforeEachCall(Runnable action) {
        kernel.beforeEachCall(name -> action.run());
        return true;
    }

    @Override
    public Map<String, Long> held() {
        Held held = kernel.held();
        return Map.of(
                "descriptors", (long) held.descriptors(),
                "files", (long) held.files(),
                "mappings", (long) held.mappings(),
                "objects", (long) held.objects(),
                "sessions", (long) held.trackingSessions());
    }

    @Override
    public void close() {
        try (space) {
            device.close();
        }
    }
}
