package dev.iovabitmap.vfio.sys;

import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Makes one owner's ioctls: it lends the struct, and turns failures into exceptions. Not for two threads at once. */
public final class Caller {
    private final Syscalls syscalls;
    private final CallMemory memory;

    /**
     * Creates a caller.
     *
     * @param syscalls who answers
     * @param arena whose end ends the caller's memory
     */
    public Caller(Syscalls syscalls, Arena arena) {
        this.syscalls = syscalls;
        this.memory = new CallMemory(arena);
    }

    /**
     * Creates a caller for those who hold the lock of the open files: they share its memory.
     *
     * @param syscalls who answers
     */
    public Caller(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.memory = syscalls.files().memory();
    }

    /** {@return zeroed room for a struct, the same each time} */
    public MemorySegment struct(long byteSize) {
        return memory.struct(byteSize);
    }

    /**
     * Makes a call once, since it may have had its effect when a signal interrupts it.
     *
     * @param on the file
     * @param request which
     * @param struct its argument
     * @param pointedTo what an address in the struct points to, or {@link MemorySegment#NULL}
     * @param what the call as a person names it
     * @param arguments its arguments as a person reads them
     * @return the result
     * @throws IoctlException if it fails
     */
    public int call(
            Descriptor on,
            Ioctl request,
            MemorySegment struct,
            MemorySegment pointedTo,
            String what,
            String arguments) {
        int result = on.with(fd -> syscalls.ioctl(memory, fd, request, struct, pointedTo));
        return requireDone(result, what, arguments);
    }

    /** Makes a call once whose struct points to nothing, and whose name is enough. */
    public int call(Descriptor on, Ioctl request, MemorySegment struct, String arguments) {
        return call(on, request, struct, MemorySegment.NULL, request.name(), arguments);
    }

    /** Makes a call once whose argument is a number. */
    public int call(Descriptor on, Ioctl request, long value) {
        int result = on.with(fd -> syscalls.ioctl(memory, fd, request, value));
        return requireDone(result, request.name(), Long.toString(value));
    }

    /**
     * Asks something, again when a signal interrupts.
     *
     * @param on the file
     * @param request which, one without an effect
     * @param struct its argument
     * @param pointedTo what an address in the struct points to, or {@link MemorySegment#NULL}
     * @return the result, or the negated error number
     */
    public int ask(Descriptor on, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
        byte[] asked = struct.toArray(ValueLayout.JAVA_BYTE); // a call that is interrupted may have written its answer
        int result = on.with(fd -> syscalls.ioctl(memory, fd, request, struct, pointedTo));
        while (result == -Errno.EINTR) {
            struct.copyFrom(MemorySegment.ofArray(asked));
            result = on.with(fd -> syscalls.ioctl(memory, fd, request, struct, pointedTo));
        }
        return result;
    }

    /** Asks something whose argument is a number, again when a signal interrupts. */
    public int ask(Descriptor on, Ioctl request, long value) {
        int result;
        do {
            result = on.with(fd -> syscalls.ioctl(memory, fd, request, value));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** {@return a result that is none of an error} */
    public static int requireDone(int result, String what, String arguments) {
        if (result < 0) {
            throw new IoctlException(what, arguments, -result);
        }
        return result;
    }
}
