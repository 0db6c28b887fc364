package dev.iovabitmap.heap;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Provider {@code heap}: bitmaps over {@code long[]}, one writer each. */
public final class HeapProvider extends AbstractHeapProvider {
    /** Creates the provider. */
    public HeapProvider() {}

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public Set<Feature> features() {
        return Set.of();
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return HeapIovaBitmap.over(new IovaBitmapLayout(iova, length, pageSize), data);
    }
}
