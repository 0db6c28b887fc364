package dev.iovabitmap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The kinds of memory that words may lie in. */
enum DataKind {
    LONG_ARRAY {
        @Override
        MemorySegment allocate(long byteSize) {
            return MemorySegment.ofArray(new long[(int) (byteSize / 8)]);
        }
    },
    SLICE_OF_LONG_ARRAY {
        @Override
        MemorySegment allocate(long byteSize) {
            return MemorySegment.ofArray(new long[5 + (int) (byteSize / 8)]).asSlice(24, byteSize);
        }
    },
    INSIDE_AN_ELEMENT {
        @Override
        MemorySegment allocate(long byteSize) {
            return MemorySegment.ofArray(new long[5 + (int) (byteSize / 8)]).asSlice(9, byteSize);
        }
    },
    BYTE_ARRAY {
        @Override
        MemorySegment allocate(long byteSize) {
            return MemorySegment.ofArray(new byte[(int) byteSize]);
        }
    },
    NATIVE {
        @Override
        MemorySegment allocate(long byteSize) {
            return Arena.ofAuto().allocate(byteSize, 8);
        }
    },
    UNALIGNED {
        @Override
        MemorySegment allocate(long byteSize) {
            return Arena.ofAuto().allocate(byteSize + 8, 8).asSlice(3, byteSize);
        }
    },
    READ_ONLY {
        @Override
        MemorySegment allocate(long byteSize) {
            return MemorySegment.ofArray(new long[(int) (byteSize / 8)]);
        }

        @Override
        MemorySegment finish(MemorySegment data) {
            return data.asReadOnly();
        }
    };

    abstract MemorySegment allocate(long byteSize);

    /** What the reader gets once the test has written its bits. */
    MemorySegment finish(MemorySegment data) {
        return data;
    }
}
