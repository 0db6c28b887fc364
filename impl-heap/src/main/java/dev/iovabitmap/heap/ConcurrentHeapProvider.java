package dev.iovabitmap.heap;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Provider {@code heap-concurrent}: bitmaps over {@code long[]} that many threads mark at once. */
public final class ConcurrentHeapProvider extends AbstractHeapProvider {
    /** Creates the provider. */
    public ConcurrentHeapProvider() {}

    @Override
    public String name() {
        return "heap-concurrent";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.CONCURRENT_SET);
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return HeapIovaBitmap.concurrentOver(new IovaBitmapLayout(iova, length, pageSize), data);
    }
}
