package dev.iovabitmap.vfio.sys;

import dev.iovabitmap.vfio.uapi.Ioctl;
import java.lang.foreign.MemorySegment;

/**
 * The system calls that this backend makes. Linux answers them, or a simulated kernel. Each returns what the kernel does:
 * a result that is not negative, or the negated error number. Implementations may be called by many threads at once.
 */
public interface Syscalls {
    /**
     * Returns the running kernel.
     *
     * @return it
     * @throws IllegalStateException with one sentence why, if it cannot be called from here
     */
    static Syscalls linux() {
        return LinuxSyscalls.instance();
    }

    /**
     * Opens a file for reading and writing, not to be inherited by child processes.
     *
     * @param path which
     * @return the file descriptor, or the negated error number
     */
    int open(String path);

    /**
     * Closes a file descriptor, which is gone afterwards whatever the result.
     *
     * @param fd the file descriptor
     * @return 0, or the negated error number
     */
    int close(int fd);

    /**
     * Tells whether two file descriptors of this process are one open file, as {@code kcmp(KCMP_FILE)} does.
     *
     * @param fd the one
     * @param other the other
     * @return whether they are; where that cannot be asked, whether the numbers are equal
     */
    boolean sameFile(int fd, int other);

    /** {@return the files that this process has open through here, which everybody who makes these calls shares} */
    OpenFiles files();

    /** {@return what of the host decides how it is called} */
    Host host();

    /**
     * Makes an ioctl whose argument is a struct.
     *
     * @param memory of the calling owner, not used by two threads at once
     * @param fd the file descriptor
     * @param request which
     * @param struct the argument, off the heap
     * @param pointedTo what an address inside the struct points to, which so stays alive over the call;
     *     {@link MemorySegment#NULL} if there is none
     * @return the result, or the negated error number
     */
    int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo);

    /**
     * Makes an ioctl whose argument is a number.
     *
     * @param memory of the calling owner, not used by two threads at once
     * @param fd the file descriptor
     * @param request which
     * @param value the argument
     * @return the result, or the negated error number
     */
    int ioctl(CallMemory memory, int fd, Ioctl request, long value);
}
