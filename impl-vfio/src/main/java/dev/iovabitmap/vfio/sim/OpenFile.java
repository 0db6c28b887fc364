package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;

/** An open file. It lives as long as a descriptor, or another file, refers to it. */
abstract class OpenFile {
    private final SimulatedKernel kernel;
    private final String path;
    private int references;

    OpenFile(SimulatedKernel kernel, String path) {
        this.kernel = kernel;
        this.path = path;
    }

    final SimulatedKernel kernel() {
        return kernel;
    }

    final String path() {
        return path;
    }

    /** Makes an ioctl. */
    abstract int ioctl(Ioctl request, UserMemory memory);

    /** Gives back what the file holds, once nothing refers to it. */
    abstract void release();

    /** What this file holds, apart from itself. */
    abstract Held held();

    final void get() {
        references++;
        kernel.files().add(this);
    }

    final void put() {
        references--;
        if (references == 0) {
            kernel.files().remove(this);
            release();
        }
    }

    static KernelError noSuchIoctl() {
        return new KernelError(Errno.ENOTTY);
    }
}
