package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The kinds of memory that words are read from. */
enum Kind {
    LONG_ARRAY,
    /** Starts at a later element. */
    REST_OF_LONG_ARRAY,
    BYTE_ARRAY,
    /** Starts inside of an element. */
    SHIFTED_LONG_ARRAY,
    NATIVE,
    UNALIGNED;

    GuardedData allocate(Geometry geometry, Fill fill, Arena arena) {
        int size = geometry.byteSize() + 2 * GuardedData.GUARD;
        MemorySegment whole = switch (this) {
            case LONG_ARRAY -> MemorySegment.ofArray(new long[size / 8]);
            case REST_OF_LONG_ARRAY ->
                MemorySegment.ofArray(new long[size / 8 + 3]).asSlice(24, size);
            case BYTE_ARRAY -> MemorySegment.ofArray(new byte[size]);
            case SHIFTED_LONG_ARRAY ->
                MemorySegment.ofArray(new long[size / 8 + 1]).asSlice(3, size);
            case NATIVE -> arena.allocate(size, 8);
            case UNALIGNED -> arena.allocate(size + 8L, 8).asSlice(5, size);
        };
        return new GuardedData(whole, geometry.bitCount(), fill);
    }
}
