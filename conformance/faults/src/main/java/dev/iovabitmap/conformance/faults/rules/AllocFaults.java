package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.allocation;
import static dev.iovabitmap.conformance.faults.Fault.bitmap;
import static dev.iovabitmap.conformance.faults.Fault.provider;

import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Wrong about what may be allocated. */
public final class AllocFaults {
    private AllocFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                allocation("ALLOC-3", "the end is compared signed", (iova, length, pageSize, data) -> {
                    if (iova + length - 1 < iova) {
                        throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                    }
                    RightProvider.requireRange(iova, length, pageSize);
                    RightProvider.requireData(length, pageSize, data);
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                allocation(
                        "ALLOC-3", "the end is exclusive, and must be below 2^64", (iova, length, pageSize, data) -> {
                            if (U64.compare(iova + length, iova) <= 0) {
                                throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                            }
                            RightProvider.requireRange(iova, length, pageSize);
                            RightProvider.requireData(length, pageSize, data);
                            return new RightBitmap(iova, length, pageSize, data);
                        }),
                allocation("ALLOC-4", "the size is computed in 32 bits", (iova, length, pageSize, data) -> {
                    RightProvider.requireRange(iova, length, pageSize);
                    RightProvider.requireData(1, pageSize, data);
                    int words = (int) ((((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) >>> 6) + 1);
                    if (data.byteSize() < words * 8L) {
                        throw new IllegalArgumentException("data has " + data.byteSize() + " bytes");
                    }
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-5", "the message has no value", (iova, length, pageSize, data) -> {
                    try {
                        RightProvider.requireRange(iova, length, pageSize);
                        RightProvider.requireData(length, pageSize, data);
                    } catch (IllegalArgumentException refused) {
                        throw new IllegalArgumentException("invalid argument", refused);
                    }
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                provider("ALLOC-5", "data of any offset is allocated", () -> new RightProvider() {
                    @Override
                    public MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
                        return super.allocateData(byteSize, pageOffset & 4095, arena);
                    }
                }),
                allocation("ALLOC-5", "mapped memory is an unsupported operation", (iova, length, pageSize, data) -> {
                    RightProvider.requireRange(iova, length, pageSize);
                    RightProvider.requireData(length, pageSize, data);
                    if (data.isMapped()) {
                        throw new UnsupportedOperationException("data is mapped");
                    }
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-6", "allocation zeroes the data", (iova, length, pageSize, data) -> {
                    data.fill((byte) 0);
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-7", "the base must be a multiple of the page size", (iova, length, pageSize, data) -> {
                    if ((iova & (pageSize - 1)) != 0) {
                        throw new IllegalArgumentException("iova " + U64.show(iova) + " is not aligned");
                    }
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-4", "whole bytes are enough", (iova, length, pageSize, data) -> {
                    RightProvider.requireRange(iova, length, pageSize);
                    long bytes = (((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) >>> 3) + 1;
                    RightProvider.requireData(
                            1,
                            pageSize,
                            data.byteSize() >= bytes ? MemorySegment.ofArray(new long[1]) : data.asSlice(0, 0));
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-5", "every refusal is the same exception", (iova, length, pageSize, data) -> {
                    try {
                        RightProvider.requireRange(iova, length, pageSize);
                        RightProvider.requireData(length, pageSize, data);
                    } catch (RuntimeException refused) {
                        throw new IllegalArgumentException(refused.getMessage(), refused);
                    }
                    return new RightBitmap(iova, length, pageSize, data);
                }));
    }
}
