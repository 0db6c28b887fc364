package dev.iovabitmap.vfio;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Drives a device of a simulated kernel. */
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

    private final SimulatedTransport transport;
    private final boolean exact;
    private final SimulatedKernel kernel;
    private final Vfio vfio;
    private final AddressSpace space;
    private final VfioDevice device;

    private static IovaRange top(long length) {
        return new IovaRange(-length, length);
    }

    private SimulatedHarness(SimulatedTransport transport, SimulatedVariant variant) {
        this.transport = transport;
        // pinned pages stay dirty, and the entry of a huge page has one bit
        this.exact = transport != SimulatedTransport.TYPE1
                && !variant.misbehaviours().contains(Misbehaviour.HUGE_ENTRIES);
        SimulatedKernel.Builder builder = SimulatedKernel.builder(variant.version())
                .misbehaving(variant.misbehaviours().toArray(Misbehaviour[]::new));
        if (transport == SimulatedTransport.TYPE1 && !variant.everythingPinned()) {
            builder.emulatedIommu(0);
        }
        this.kernel = builder.build();
        this.vfio = Vfio.of(kernel);
        if (transport == SimulatedTransport.IOMMUFD) {
            IommufdSpace iommufd = vfio.openAddressSpace();
            this.space = iommufd;
            this.device = iommufd.openDevice(Path.of("/dev/vfio/devices/vfio0"));
        } else {
            Type1Container container = vfio.openContainer(List.of(Path.of("/dev/vfio/0")));
            this.space = container;
            this.device = container.openDevice(kernel.deviceName(0));
        }
        if (transport != SimulatedTransport.LOG) {
            MAPPED.forEach(range -> space.map(range.iova(), untouched(range.length())));
        }
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

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        return transport == SimulatedTransport.LOG
                ? vfio.track(List.of(device), ranges, pageSize)
                : vfio.trackMappings(Set.of(space), ranges, pageSize);
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
    public boolean map(IovaRange range) {
        if (transport == SimulatedTransport.LOG) {
            return false;
        }
        space.map(range.iova(), untouched(range.length()));
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
