package dev.iovabitmap.ffm;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Provider {@code ffm}: bitmaps over native or mapped memory, one writer each. */
public final class FfmProvider implements IovaBitmapProvider {
    /** Creates the provider. */
    public FfmProvider() {}

    @Override
    public String name() {
        return "ffm";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA);
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return FfmIovaBitmap.over(new IovaBitmapLayout(iova, length, pageSize), data);
    }
}
