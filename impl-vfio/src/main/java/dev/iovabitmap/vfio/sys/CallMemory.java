package dev.iovabitmap.vfio.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** What one owner needs for its system calls: room for a struct, and for the error number. One call at a time. */
public final class CallMemory {
    /** The capabilities of a type1 container are the longest; what does not fit is told by the kernel and refused by the caller. */
    private static final long STRUCT_SIZE = 4096;

    private final MemorySegment struct;
    private final MemorySegment state;

    /**
     * Allocates.
     *
     * @param arena whose end ends this memory
     */
    public CallMemory(Arena arena) {
        this.struct = arena.allocate(STRUCT_SIZE, Long.BYTES);
        this.state = arena.allocate(Linker.Option.captureStateLayout());
    }

    /**
     * Returns room for a struct, zeroed. It is the same room each time.
     *
     * @param byteSize how much
     * @return the room
     */
    public MemorySegment struct(long byteSize) {
        return struct.asSlice(0, byteSize).fill((byte) 0);
    }

    MemorySegment state() {
        return state;
    }
}
