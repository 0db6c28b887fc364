package dev.iovabitmap.vfio.sim;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** How a system call ends early inside of the simulated kernel. It never leaves it. */
final class KernelError extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    final int errno;

    KernelError(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    static void unless(boolean condition, int errno) {
        if (!condition) {
            throw new KernelError(errno);
        }
    }

    static <T> T orFail(@Nullable T value, int errno) {
        if (value == null) {
            throw new KernelError(errno);
        }
        return value;
    }
}
