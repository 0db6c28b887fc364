package dev.iovabitmap.vfio.sys;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

// What tracks is shared by everybody in the process who has a descriptor of the same open file: a second session would
// wipe the first one's log. So what is remembered hangs on the file. Which descriptors are one file only the kernel
// knows, and it tells of two that are open at the same time. A file whose descriptors are all given back is forgotten
// with everything that was remembered of it: its numbers may be another file's by the time that they are seen again.

/** The open files of one process, as far as somebody here has a descriptor of them. */
public final class OpenFiles {
    private final Syscalls syscalls;
    private final List<OpenFile> files = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final CallMemory memory = new CallMemory(Arena.ofAuto());

    /**
     * Creates an empty list.
     *
     * @param syscalls who tells which file is which
     */
    public OpenFiles(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** {@return what is held while anything that is remembered of a file is read or changed} */
    public ReentrantLock lock() {
        return lock;
    }

    /** {@return room for the calls of whoever holds the lock} */
    CallMemory memory() {
        return memory;
    }

    /** Finds the file of a descriptor that somebody else opened. */
    synchronized OpenFile adopted(int fd) {
        for (OpenFile file : files) {
            if (syscalls.sameFile(file.descriptor().rawNumber(), fd)) {
                return file;
            }
        }
        return opened();
    }

    /** Takes note of a file that was just opened. */
    synchronized OpenFile opened() {
        OpenFile file = new OpenFile();
        files.add(file);
        return file;
    }

    synchronized void closed(OpenFile file, Descriptor descriptor) {
        if (file.remove(descriptor)) {
            files.remove(file);
        }
    }
}
