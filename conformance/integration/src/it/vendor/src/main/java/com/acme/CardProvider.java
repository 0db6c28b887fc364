package com.acme;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.vfio.VfioProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Broken on purpose: a card on a simulated kernel, which loses what it writes where the IOMMU has huge entries. */
public final class CardProvider implements IovaBitmapProvider {
    private final VfioProvider vfio = new VfioProvider();

    @Override
    public String name() {
        return "acme-card";
    }

    @Override
    public Set<Feature> features() {
        return vfio.features();
    }

    @Override
    public Availability availability() {
        return vfio.availability();
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return vfio.allocate(iova, length, pageSize, data);
    }

    @Override
    public MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
        return vfio.allocateData(byteSize, pageOffset, arena);
    }

    @Override
    public List<String> transports() {
        return vfio.transports();
    }

    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        Optional<HardwareHarness> card = vfio.hardware(options);
        return "6.12-huge-entries".equals(options.get("variant")) ? card.map(Forgetful::new) : card;
    }

    private record Forgetful(HardwareHarness card) implements HardwareHarness {
        @Override
        public List<IovaRange> trackable() {
            return card.trackable();
        }

        @Override
        public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
            return card.track(ranges, pageSize);
        }

        @Override
        public void write(long iova, long length) {
            // lost
        }

        @Override
        public List<String> variants() {
            return card.variants();
        }

        @Override
        public void close() {
            card.close();
        }
    }
}
