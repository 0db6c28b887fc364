package dev.iovabitmap.ffm;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Provider {@code ffm-concurrent}: bitmaps over 8-byte-aligned native or mapped memory that many threads mark at once. */
public final class ConcurrentFfmProvider implements IovaBitmapProvider {
    /** Creates the provider. */
    public ConcurrentFfmProvider() {}

    @Override
    public String name() {
        return "ffm-concurrent";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET);
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return FfmIovaBitmap.concurrentOver(new IovaBitmapLayout(iova, length, pageSize), data);
    }
}
