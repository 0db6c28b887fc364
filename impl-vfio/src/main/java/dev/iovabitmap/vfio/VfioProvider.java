package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Provider {@code vfio}. It has no transport yet, and says so. */
public final class VfioProvider implements IovaBitmapProvider {
    /** Creates the provider. */
    public VfioProvider() {}

    @Override
    public String name() {
        return "vfio";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA);
    }

    @Override
    public Availability availability() {
        return Availability.unavailable("this version has no VFIO transport yet, so no device can be tracked");
    }

    /** Allocates a plain bitmap off the heap, which no device feeds. */
    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return FfmIovaBitmap.over(new IovaBitmapLayout(iova, length, pageSize), data);
    }
}
