package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Provider {@code vfio}. {@link #allocate} gives plain bitmaps; those of a device come from the sessions of {@link Vfio}. Its
 * harness drives a simulated kernel, so it needs no hardware.
 */
public final class VfioProvider implements IovaBitmapProvider {
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
     * <p>At tier {@code simulated}, which is the default, this is a device of a simulated kernel; option {@code transport} is
     * {@code log} if none is given. Nothing else makes a device write, so there is no other tier.
     */
    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        if (!options.getOrDefault("tier", "simulated").equals("simulated")) {
            return Optional.empty();
        }
        SimulatedTransport transport = SimulatedTransport.named(options.getOrDefault("transport", "log"));
        return Optional.of(SimulatedHarness.open(transport, options.get("variant")));
    }
}
