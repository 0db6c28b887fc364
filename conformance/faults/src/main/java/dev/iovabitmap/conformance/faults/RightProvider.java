package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** A provider that is right, and shares no code with the real ones; or one that is wrong in a single place. */
public class RightProvider implements IovaBitmapProvider {
    /** What a provider in memory can claim. */
    public static final Set<Feature> ALL =
            Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET);

    private final Fault.Allocator allocator;
    private final Set<Feature> features;

    /** Creates the right one, over data of any alignment. */
    public RightProvider() {
        this(ALL);
    }

    /** Creates a right one with some features only. */
    public RightProvider(Set<Feature> features) {
        this(features, (iova, length, pageSize, data) -> {
            requireRange(iova, length, pageSize);
            requireData(length, pageSize, data);
            if (!features.contains(Feature.UNALIGNED_DATA) && data.address() % 8 != 0) {
                throw new IllegalArgumentException("data is not 8-byte aligned");
            }
            return new RightBitmap(iova, length, pageSize, data);
        });
    }

    RightProvider(Set<Feature> features, Fault.Allocator allocator) {
        this.features = features;
        this.allocator = allocator;
    }

    /** Checks the numbers of an allocation. */
    public static void requireRange(long iova, long length, long pageSize) {
        if (Long.bitCount(pageSize) != 1) {
            throw new IllegalArgumentException("pageSize " + U64.show(pageSize) + " is no power of two");
        }
        if (length == 0 || U64.compare(iova + length - 1, iova) < 0) {
            throw new IllegalArgumentException("length " + U64.show(length) + " is 0 or wraps");
        }
    }

    /** Checks that the data can be used, and is large enough. */
    public static void requireData(long length, long pageSize, MemorySegment data) {
        if (!data.scope().isAlive()) {
            throw new IllegalStateException("data is closed");
        }
        if (!data.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("data of another thread");
        }
        if (data.isReadOnly()) {
            throw new IllegalArgumentException("data is read-only");
        }
        long bits = ((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) + 1;
        long bytes = (((bits - 1) >>> 6) + 1) << 3;
        if (data.byteSize() < bytes) {
            throw new IllegalArgumentException("data has " + data.byteSize() + " bytes, not " + bytes);
        }
    }

    @Override
    public String name() {
        return "naive";
    }

    @Override
    public Set<Feature> features() {
        return features;
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return allocator.allocate(iova, length, pageSize, data);
    }
}
