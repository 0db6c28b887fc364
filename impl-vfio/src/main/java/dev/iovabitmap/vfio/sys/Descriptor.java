package dev.iovabitmap.vfio.sys;

import dev.iovabitmap.vfio.error.IoctlException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;

/**
 * A file descriptor with one owner. The number is handed out only while the descriptor is open and stays open, since the
 * kernel gives a closed one's number to the next file that is opened.
 */
public final class Descriptor implements AutoCloseable {
    private final Syscalls syscalls;
    private final String name;
    private final int fd;
    private final boolean owned;
    private final OpenFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    private Descriptor(Syscalls syscalls, String name, int fd, boolean owned) {
        if (fd < 0) {
            throw new IllegalArgumentException("file descriptor " + fd + " is negative");
        }
        this.syscalls = syscalls;
        this.name = name;
        this.fd = fd;
        this.owned = owned;
        OpenFiles files = syscalls.files();
        synchronized (files) {
            this.file = owned ? files.opened() : files.adopted(fd);
            file.add(this);
        }
    }

    /** {@return the open file, the same for every descriptor of it} */
    public OpenFile file() {
        return file;
    }

    /**
     * Opens a file.
     *
     * @param syscalls whose
     * @param path which
     * @return the descriptor, which its holder closes
     * @throws IoctlException if it cannot be opened
     */
    public static Descriptor open(Syscalls syscalls, String path) {
        int fd = syscalls.open(path);
        if (fd < 0) {
            throw new IoctlException("open", path, -fd);
        }
        return new Descriptor(syscalls, path, fd, true);
    }

    /** Takes over a descriptor that a call returned. */
    public static Descriptor own(Syscalls syscalls, String name, int fd) {
        return new Descriptor(syscalls, name, fd, true);
    }

    /** Uses a descriptor that somebody else owns, and closes. */
    public static Descriptor adopt(Syscalls syscalls, String name, int fd) {
        return new Descriptor(syscalls, name, fd, false);
    }

    /**
     * Does something with the number.
     *
     * @param use what, which returns a result
     * @return its result
     * @throws IllegalStateException if the descriptor is closed
     */
    int with(IntUnaryOperator use) {
        lock.lock();
        try {
            requireOpen();
            return use.applyAsInt(fd);
        } finally {
            lock.unlock();
        }
    }

    /** {@return the number, for a struct that names another file, or to tell whether two are the same file} */
    public int number() {
        return with(number -> number);
    }

    /** The number without a look at whether it is open: what asks for it keeps it from being closed. */
    int rawNumber() {
        return fd;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    /** Closes the file if it is owned. Closing again does nothing. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            syscalls.files().closed(file, this);
            int result = owned ? syscalls.close(fd) : 0;
            if (result < 0) {
                throw new IoctlException("close", name, -result);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
