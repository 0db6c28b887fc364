package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a system call may see of its caller's memory: the struct that it was given, and the segment that addresses inside
 * the struct may point into. Every other address is EFAULT; none is ever followed by itself.
 */
final class UserMemory {
    static final long PAGE = 4096;

    /** Where the addresses of user space end on x86-64. */
    private static final long TASK_SIZE = (1L << 47) - PAGE;

    private final MemorySegment struct;
    private final MemorySegment pointedTo;
    private final long value;

    private UserMemory(MemorySegment struct, MemorySegment pointedTo, long value) {
        this.struct = struct;
        this.pointedTo = pointedTo;
        this.value = value;
    }

    /**
     * Takes the arguments as the linker would: it refuses what is closed, or belongs to another thread, before the call.
     */
    static UserMemory of(MemorySegment struct, MemorySegment pointedTo) {
        return new UserMemory(usable(struct), usable(pointedTo), struct.address());
    }

    static UserMemory of(long value) {
        return new UserMemory(MemorySegment.NULL, MemorySegment.NULL, value);
    }

    private static MemorySegment usable(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a system call takes native memory, not a heap segment");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("Already closed");
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("the memory belongs to another thread");
        }
        return segment;
    }

    /** The argument where it is a number, or where the struct is. */
    long value() {
        return value;
    }

    /** A copy of the start of the struct. */
    MemorySegment copyIn(long size) {
        return copyIn(0, size);
    }

    /** A copy of a part of the struct. */
    MemorySegment copyIn(long offset, long size) {
        KernelError.unless(offset + size <= struct.byteSize(), Errno.EFAULT);
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
        return copy.copyFrom(struct.asSlice(offset, size));
    }

    /** Writes the start of the struct back. */
    void copyOut(MemorySegment copy, long size) {
        copyOut(0, copy, size);
    }

    void copyOut(long offset, MemorySegment copy, long size) {
        KernelError.unless(offset + size <= struct.byteSize(), Errno.EFAULT);
        MemorySegment.copy(copy, 0, struct, offset, size);
    }

    /** The argument where it is a string, which ends with a zero. */
    String string() {
        for (long at = 0; at < Math.min(PAGE, struct.byteSize()); at++) {
            if (struct.get(ValueLayout.JAVA_BYTE, at) == 0) {
                return struct.getString(0);
            }
        }
        throw new KernelError(struct.byteSize() < PAGE ? Errno.EFAULT : Errno.EINVAL);
    }

    /** Whether an address could be one of user space. It says nothing about what is there. */
    static boolean accessOk(long address, long size) {
        return !U64.less(TASK_SIZE, size) && !U64.less(TASK_SIZE - size, address);
    }

    boolean covers(long address, long size) {
        long offset = address - pointedTo.address();
        return !U64.less(pointedTo.byteSize(), offset) && !U64.less(pointedTo.byteSize() - offset, size);
    }

    /** The memory at an address that a struct holds. */
    MemorySegment at(long address, long size) {
        KernelError.unless(covers(address, size), Errno.EFAULT);
        return pointedTo.asSlice(address - pointedTo.address(), size);
    }

    /** Sets bits, counted from an address, as far as they lie in the memory that was handed over. */
    void setBits(long address, long firstBit, long lastBit) {
        long skipped = pointedTo.address() - address;
        long first = firstBit;
        if (skipped > 0) {
            first = Math.max(first, skipped * 8);
        }
        long last = Math.min(lastBit, (skipped + pointedTo.byteSize()) * 8 - 1);
        if (first > last) {
            return;
        }
        MemorySegment bytes = pointedTo.asSlice(first / 8 - skipped, last / 8 - first / 8 + 1);
        Bits.set(bytes, first % 8, last - first / 8 * 8);
    }
}
