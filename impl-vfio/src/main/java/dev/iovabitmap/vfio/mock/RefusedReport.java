package dev.iovabitmap.vfio.mock;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Dirty;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A kernel in front of whose calls something can be done, and that can be made to refuse a report: the struct says that it has no size, and what is returned is the kernel's own
 * answer to that. No kernel offers another way that works for all three transports and leaves nothing behind.
 */
public final class RefusedReport implements Syscalls {
    private final Syscalls kernel;
    private final AtomicBoolean armed = new AtomicBoolean();
    private volatile Runnable beforeEachCall = () -> {};

    /** Goes between whoever calls and a kernel. */
    public RefusedReport(Syscalls kernel) {
        this.kernel = kernel;
    }

    /** The next report is refused, whoever asks for it; those behind it are not. */
    public void arm() {
        armed.set(true);
    }

    /** Does something before each ioctl from now on, in the thread that calls. It may make calls by the kernel itself only. */
    public void beforeEachCall(Runnable action) {
        beforeEachCall = action;
    }

    @Override
    public int open(String path) {
        return kernel.open(path);
    }

    @Override
    public int close(int fd) {
        return kernel.close(fd);
    }

    @Override
    public boolean sameFile(int fd, int other) {
        return kernel.sameFile(fd, other);
    }

    @Override
    public OpenFiles files() {
        return kernel.files();
    }

    @Override
    public Host host() {
        return kernel.host();
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
        beforeEachCall.run();
        if (!isReport(request, struct) || !armed.getAndSet(false)) {
            return kernel.ioctl(memory, fd, request, struct, pointedTo);
        }
        int size = struct.get(ValueLayout.JAVA_INT, 0);
        struct.set(ValueLayout.JAVA_INT, 0, 0);
        try {
            return kernel.ioctl(memory, fd, request, struct, pointedTo);
        } finally {
            struct.set(ValueLayout.JAVA_INT, 0, size);
        }
    }

    private static boolean isReport(Ioctl request, MemorySegment struct) {
        return switch (request) {
            case IOMMU_HWPT_GET_DIRTY_BITMAP -> true;
            case VFIO_IOMMU_DIRTY_PAGES -> Dirty.FLAGS.get(struct) == Dirty.GET_BITMAP;
            case VFIO_DEVICE_FEATURE -> Header.FLAGS.get(struct) == (Header.GET | Header.DMA_LOGGING_REPORT);
            default -> false;
        };
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
        beforeEachCall.run();
        return kernel.ioctl(memory, fd, request, value);
    }
}
