package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.vfio.host.HostExamination;
import dev.iovabitmap.vfio.host.HostFiles;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Provider {@code vfio}. {@link #allocate} gives plain bitmaps; those of a device come from the sessions of {@link Vfio}. Its
 * harness drives a simulated kernel, which needs no hardware, or the mock device of the kernel that runs.
 */
public final class VfioProvider implements IovaBitmapProvider {
    private static final String NO_TRIGGER =
            "only the vendor's provider makes a real device write; name it with --provider"
                    + " (docs/certifying.md, 'A real device')";

    /** Creates the provider. */
    public VfioProvider() {}

    @Override
    public String name() {
        return "vfio";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.HARDWARE, Feature.PEEK);
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    /** Allocates a plain bitmap off the heap, which no device feeds. */
    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return FfmIovaBitmap.over(new IovaBitmapLayout(iova, length, pageSize), data);
    }

    @Override
    public List<String> transports() {
        return SimulatedTransport.names();
    }

    /**
     * {@inheritDoc}
     *
     * <p>At tier {@code simulated}, which is the default, this is a device of a simulated kernel. At tier {@code kernel} it is
     * the mock device {@code /dev/vfio_dirty_mock.N} of the kernel that runs, which option {@code device} may name, or for
     * {@code iommufd} the kernel's mock IOMMU; there is none unless the module of {@code conformance/kernel} is loaded. Option
     * {@code transport} is {@code log} if none is given. Nothing here makes a real device write, so a vendor's provider has to.
     */
    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        if ("hardware".equals(options.get("tier"))) {
            throw new IllegalStateException(NO_TRIGGER);
        }
        SimulatedTransport transport = SimulatedTransport.named(options.getOrDefault("transport", "log"));
        return switch (options.getOrDefault("tier", "simulated")) {
            case "simulated" -> Optional.of(SimulatedHarness.open(transport, options.get("variant")));
            case "kernel" -> MockHarness.open(transport.toString(), options.get("device"), options.get("variant"));
            default -> Optional.empty();
        };
    }

    /**
     * {@inheritDoc}
     *
     * <p>A device that is bound to a driver of VFIO and that this process may open is opened for a moment; some drivers
     * reset a device that is opened.
     */
    @Override
    public List<Finding> examine(Map<String, String> options) {
        return HostExamination.of(new HostFiles(Path.of("/")), DeviceProbe.ofThisHost(), options.get("device"));
    }
}
