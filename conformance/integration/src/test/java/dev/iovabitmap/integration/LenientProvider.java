package dev.iovabitmap.integration;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.heap.HeapProvider;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Takes a length of 0 for 1, which breaks the few rules that a vendor may want to have waived. */
public final class LenientProvider implements IovaBitmapProvider {
    private final IovaBitmapProvider heap = new HeapProvider();

    @Override
    public String name() {
        return "lenient";
    }

    @Override
    public String version() {
        return "0.9.1";
    }

    @Override
    public Set<Feature> features() {
        return heap.features();
    }

    @Override
    public Availability availability() {
        return heap.availability();
    }

    @Override
    public MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
        return heap.allocateData(byteSize, pageOffset, arena);
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return heap.allocate(iova, length == 0 ? 1 : length, pageSize, data);
    }
}
