package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.Field;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.GetDirtyBitmap;
import dev.iovabitmap.vfio.uapi.Iommufd.SetDirtyTracking;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The way into the simulated kernel: one call at a time, those that were told to fail among them. */
final class SimulatedSyscalls implements Syscalls {
    /** These leave nothing behind when they fail, so that there is no failing afterwards. */
    private static final Set<Ioctl> MAKES = Set.of(
            Ioctl.VFIO_GROUP_SET_CONTAINER,
            Ioctl.VFIO_GROUP_GET_DEVICE_FD,
            Ioctl.VFIO_SET_IOMMU,
            Ioctl.VFIO_IOMMU_MAP_DMA,
            Ioctl.VFIO_DEVICE_BIND_IOMMUFD,
            Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT,
            Ioctl.IOMMU_IOAS_ALLOC,
            Ioctl.IOMMU_IOAS_MAP,
            Ioctl.IOMMU_HWPT_ALLOC);

    private static final class Pending {
        final CallFailure failure;
        int skip;
        int times;

        Pending(CallFailure failure) {
            this.failure = failure;
            this.skip = failure.skip();
            this.times = failure.times();
        }
    }

    private final SimulatedKernel kernel;
    private final OpenFiles files = new OpenFiles(this);
    private final List<Pending> failures = new ArrayList<>();
    private @Nullable List<String> record;
    private @Nullable Consumer<String> hook;

    SimulatedSyscalls(SimulatedKernel kernel) {
        this.kernel = kernel;
    }

    void fail(CallFailure failure) {
        failures.add(new Pending(failure));
    }

    void failNothing() {
        failures.clear();
    }

    void beforeEachCall(@Nullable Consumer<String> hook) {
        this.hook = hook;
    }

    void startRecording() {
        record = new ArrayList<>();
    }

    List<String> stopRecording() {
        List<String> recorded = record;
        record = null;
        return recorded == null ? List.of() : List.copyOf(recorded);
    }

    @Override
    public int open(String path) {
        synchronized (kernel) {
            return call("open " + path, false, () -> kernel.open(path));
        }
    }

    @Override
    public int close(int fd) {
        synchronized (kernel) {
            return call("close " + kernel.table().pathOf(fd), true, () -> {
                kernel.table().close(fd);
                return 0;
            });
        }
    }

    @Override
    public boolean sameFile(int fd, int other) {
        synchronized (kernel) {
            return kernel.table().isOpen(fd)
                    && kernel.table().isOpen(other)
                    && kernel.table().get(fd) == kernel.table().get(other);
        }
    }

    @Override
    public OpenFiles files() {
        return files;
    }

    @Override
    public Host host() {
        return new Host(kernel.version().release(), kernel.hasAmdIommu());
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
        synchronized (kernel) {
            return ioctl(nameOf(request, struct), fd, request, UserMemory.of(struct, pointedTo));
        }
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
        synchronized (kernel) {
            return ioctl(request.name(), fd, request, UserMemory.of(value));
        }
    }

    private int ioctl(String name, int fd, Ioctl request, UserMemory memory) {
        boolean makes = MAKES.contains(request) || name.endsWith("START") || name.endsWith("ENABLE");
        return call(name, !makes, () -> kernel.table().get(fd).ioctl(request, memory));
    }

    private int call(String name, boolean worksFirst, IntSupplier work) {
        if (hook != null) {
            hook.accept(name);
        }
        if (record != null) {
            record.add(name);
        }
        CallFailure failure = failureOf(name);
        boolean closes = name.startsWith("close ");
        if (failure != null && !closes && !(failure.afterwards() && worksFirst)) {
            return -failure.errno();
        }
        int result;
        try {
            result = work.getAsInt();
        } catch (KernelError e) {
            result = -e.errno;
        }
        return failure == null || result < 0 ? result : -failure.errno();
    }

    private @Nullable CallFailure failureOf(String name) {
        CallFailure chosen = null;
        for (Iterator<Pending> all = failures.iterator(); all.hasNext(); ) {
            Pending pending = all.next();
            if (!pending.failure.call().test(name)) {
                continue;
            }
            if (pending.skip > 0) {
                pending.skip--;
            } else if (chosen == null) {
                chosen = pending.failure;
                pending.times--;
                if (pending.times == 0) {
                    all.remove();
                }
            }
        }
        return chosen;
    }

    /** The name of a call, with what it is asked for where one ioctl is many. */
    private static String nameOf(Ioctl request, MemorySegment struct) {
        return request
                + switch (request) {
                    case VFIO_DEVICE_FEATURE -> featureOf(flags(struct, Header.FLAGS));
                    case VFIO_IOMMU_DIRTY_PAGES ->
                        switch (flags(struct, Type1.Dirty.FLAGS)) {
                            case Type1.Dirty.START -> " START";
                            case Type1.Dirty.STOP -> " STOP";
                            case Type1.Dirty.GET_BITMAP -> " GET_BITMAP";
                            default -> "";
                        };
                    case VFIO_IOMMU_UNMAP_DMA ->
                        (flags(struct, Type1.Unmap.FLAGS) & Type1.Unmap.GET_DIRTY_BITMAP) != 0
                                ? " GET_DIRTY_BITMAP"
                                : "";
                    case IOMMU_HWPT_SET_DIRTY_TRACKING ->
                        flags(struct, SetDirtyTracking.FLAGS) == 0 ? " DISABLE" : " ENABLE";
                    case IOMMU_HWPT_GET_DIRTY_BITMAP -> flags(struct, GetDirtyBitmap.FLAGS) == 0 ? "" : " NO_CLEAR";
                    default -> "";
                };
    }

    private static String featureOf(int flags) {
        String feature = switch (flags & Header.FEATURE_MASK) {
            case Header.DMA_LOGGING_START -> " DMA_LOGGING_START";
            case Header.DMA_LOGGING_STOP -> " DMA_LOGGING_STOP";
            case Header.DMA_LOGGING_REPORT -> " DMA_LOGGING_REPORT";
            default -> "";
        };
        return (flags & Header.PROBE) != 0 ? feature + " PROBE" : feature;
    }

    private static int flags(MemorySegment struct, Field field) {
        return struct.byteSize() < field.offset() + Integer.BYTES ? 0 : (int) field.get(struct);
    }
}
