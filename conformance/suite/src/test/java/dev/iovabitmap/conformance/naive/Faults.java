package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.conformance.naive.NaiveProvider.Allocator;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Providers that are wrong in one place each, among them the kernel's bugs, and the rule that each breaks. */
final class Faults {
    private static final Set<Feature> ALL =
            Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET);

    private Faults() {}

    record Fault(String name, String rule, Set<Feature> features, Supplier<IovaBitmapProvider> maker) {
        Fault(String name, String rule, Set<Feature> features, Allocator allocator) {
            this(name, rule, features, () -> new NaiveProvider(features, allocator));
        }

        IovaBitmapProvider provider() {
            return maker.get();
        }

        @Override
        public String toString() {
            return rule + " " + name;
        }
    }

    /** Makes a wrong bitmap from arguments that were checked. */
    static Fault bitmap(String rule, String name, Allocator allocator) {
        return new Fault(name, rule, ALL, (iova, length, pageSize, data) -> {
            NaiveProvider.requireRange(iova, length, pageSize);
            NaiveProvider.requireData(length, pageSize, data);
            return allocator.allocate(iova, length, pageSize, data);
        });
    }

    private static Fault allocation(String rule, String name, Allocator allocator) {
        return new Fault(name, rule, ALL, allocator);
    }

    static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        faults.addAll(allocating());
        faults.addAll(MarkingFaults.marking());
        faults.addAll(IterationFaults.iterating());
        faults.addAll(LifeFaults.living());
        faults.addAll(SharingFaults.sharing());
        return faults;
    }

    private static List<Fault> allocating() {
        return List.of(
                allocation("ALLOC-1", "B15: length 0 is taken", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length == 0 ? 1 : length, pageSize);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-2", "R4: 0x3000 acts as 4 KiB", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, Long.lowestOneBit(pageSize));
                    NaiveProvider.requireData(length, Long.lowestOneBit(pageSize), data);
                    return new NaiveBitmap(iova, length, Long.lowestOneBit(pageSize), data);
                }),
                allocation("ALLOC-3", "the end is compared signed", (iova, length, pageSize, data) -> {
                    if (iova + length - 1 < iova) {
                        throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                    }
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(length, pageSize, data);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation(
                        "ALLOC-3", "the end is exclusive, and must be below 2^64", (iova, length, pageSize, data) -> {
                            if (U64.compare(iova + length, iova) <= 0) {
                                throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                            }
                            NaiveProvider.requireRange(iova, length, pageSize);
                            NaiveProvider.requireData(length, pageSize, data);
                            return new NaiveBitmap(iova, length, pageSize, data);
                        }),
                allocation("ALLOC-4", "the size is computed in 32 bits", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(1, pageSize, data);
                    int words = (int) ((((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) >>> 6) + 1);
                    if (data.byteSize() < words * 8L) {
                        throw new IllegalArgumentException("data has " + data.byteSize() + " bytes");
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-5", "the message has no value", (iova, length, pageSize, data) -> {
                    try {
                        NaiveProvider.requireRange(iova, length, pageSize);
                        NaiveProvider.requireData(length, pageSize, data);
                    } catch (IllegalArgumentException refused) {
                        throw new IllegalArgumentException("invalid argument", refused);
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                new Fault("data of any offset is allocated", "ALLOC-5", ALL, () -> new NaiveProvider() {
                    @Override
                    public MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
                        return super.allocateData(byteSize, pageOffset & 4095, arena);
                    }
                }),
                allocation("ALLOC-5", "mapped memory is an unsupported operation", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(length, pageSize, data);
                    if (data.isMapped()) {
                        throw new UnsupportedOperationException("data is mapped");
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-6", "allocation zeroes the data", (iova, length, pageSize, data) -> {
                    data.fill((byte) 0);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-7", "the base must be a multiple of the page size", (iova, length, pageSize, data) -> {
                    if ((iova & (pageSize - 1)) != 0) {
                        throw new IllegalArgumentException("iova " + U64.show(iova) + " is not aligned");
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                new Fault("unaligned data is not refused", "BIT-3", Set.of(), (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(length, pageSize, data);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-4", "read-only data is taken", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    if (!data.isReadOnly()) {
                        NaiveProvider.requireData(length, pageSize, data);
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-4", "whole bytes are enough", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    long bytes = (((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) >>> 3) + 1;
                    NaiveProvider.requireData(
                            1,
                            pageSize,
                            data.byteSize() >= bytes ? MemorySegment.ofArray(new long[1]) : data.asSlice(0, 0));
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-5", "every refusal is the same exception", (iova, length, pageSize, data) -> {
                    try {
                        NaiveProvider.requireRange(iova, length, pageSize);
                        NaiveProvider.requireData(length, pageSize, data);
                    } catch (RuntimeException refused) {
                        throw new IllegalArgumentException(refused.getMessage(), refused);
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }));
    }
}
