package dev.iovabitmap.vfio.error;

import dev.iovabitmap.vfio.uapi.Errno;
import java.io.Serial;

/** A system call that failed. What failed while things were released afterwards is among its suppressed exceptions. */
public final class IoctlException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Which call. */
    private final String call;

    /** Its arguments. */
    private final String arguments;

    /** The error number, positive. */
    private final int errno;

    /**
     * Says which call failed and how.
     *
     * @param call the call, such as {@code VFIO_DEVICE_FEATURE}, with the feature where there is one
     * @param arguments its arguments as a person reads them
     * @param errno the error number, positive
     */
    public IoctlException(String call, String arguments, int errno) {
        super(call + " failed with " + Errno.name(errno) + " (" + errno + "): " + arguments);
        this.call = call;
        this.arguments = arguments;
        this.errno = errno;
    }

    /** {@return the call, such as {@code VFIO_DEVICE_FEATURE DMA_LOGGING_REPORT}} */
    public String call() {
        return call;
    }

    /** {@return the arguments as a person reads them, such as {@code iova=0x1000 length=0x2000}} */
    public String arguments() {
        return arguments;
    }

    /** {@return the error number, positive} */
    public int errno() {
        return errno;
    }
}
