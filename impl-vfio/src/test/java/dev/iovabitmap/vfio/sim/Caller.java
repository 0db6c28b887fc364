package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingRange;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.function.Consumer;

/** A program that makes system calls, as directly as one in C. Results are the kernel's: negative is an errno. */
@SuppressWarnings("exports") // the seam is internal, and tests are not compiled against the descriptor
public final class Caller implements AutoCloseable {
    public static final int TYPE1V2 = 3;

    public final Arena arena = Arena.ofConfined();
    public final SimulatedKernel kernel;
    public final Syscalls syscalls;
    public final CallMemory memory = new CallMemory(arena);

    public Caller(SimulatedKernel kernel) {
        this.kernel = kernel;
        this.syscalls = kernel.syscalls();
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Whole pages, zeroed, at the start of a page. */
    public MemorySegment pages(long count) {
        return arena.allocate(count * 4096, 4096);
    }

    public int open(String path) {
        return syscalls.open(path);
    }

    public int close(int fd) {
        return syscalls.close(fd);
    }

    public int call(int fd, Ioctl request, long value) {
        return syscalls.ioctl(memory, fd, request, value);
    }

    public int call(int fd, Ioctl request, MemorySegment struct) {
        return syscalls.ioctl(memory, fd, request, struct, MemorySegment.NULL);
    }

    public int call(int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
        return syscalls.ioctl(memory, fd, request, struct, pointedTo);
    }

    public MemorySegment struct(long size, Consumer<MemorySegment> fill) {
        MemorySegment struct = memory.struct(size);
        fill.accept(struct);
        return struct;
    }

    // Device logging.

    public int feature(int fd, int flags, long argsz) {
        return call(fd, Ioctl.VFIO_DEVICE_FEATURE, struct(Math.max(argsz, 8), s -> {
            Header.ARGSZ.set(s, argsz);
            Header.FLAGS.set(s, flags);
        }));
    }

    public MemorySegment ranges(long... iovasAndLengths) {
        MemorySegment ranges = arena.allocate(Math.max(8L * iovasAndLengths.length, 8), 8);
        for (int i = 0; i < iovasAndLengths.length / 2; i++) {
            MemorySegment range = ranges.asSlice(i * LoggingRange.LAYOUT.byteSize());
            LoggingRange.IOVA.set(range, iovasAndLengths[2 * i]);
            LoggingRange.LENGTH.set(range, iovasAndLengths[2 * i + 1]);
        }
        return ranges;
    }

    public MemorySegment startStruct(long pageSize, long count, long address) {
        return struct(32, s -> {
            Header.ARGSZ.set(s, 32);
            Header.FLAGS.set(s, Header.DMA_LOGGING_START | Header.SET);
            MemorySegment control = s.asSlice(8);
            LoggingControl.PAGE_SIZE.set(control, pageSize);
            LoggingControl.NUM_RANGES.set(control, count);
            LoggingControl.RANGES.set(control, address);
        });
    }

    public int start(int fd, long pageSize, long... iovasAndLengths) {
        MemorySegment ranges = ranges(iovasAndLengths);
        return call(
                fd,
                Ioctl.VFIO_DEVICE_FEATURE,
                startStruct(pageSize, iovasAndLengths.length / 2, ranges.address()),
                ranges);
    }

    /** Starts; the result is the granted page size, or negative. */
    public long startGranting(int fd, long pageSize, long... iovasAndLengths) {
        MemorySegment ranges = ranges(iovasAndLengths);
        MemorySegment start = startStruct(pageSize, iovasAndLengths.length / 2, ranges.address());
        int result = call(fd, Ioctl.VFIO_DEVICE_FEATURE, start, ranges);
        return result < 0 ? result : LoggingControl.PAGE_SIZE.get(start.asSlice(8));
    }

    public int stop(int fd) {
        return feature(fd, Header.DMA_LOGGING_STOP | Header.SET, 8);
    }

    public MemorySegment reportStruct(long iova, long length, long pageSize, long bitmap) {
        return struct(40, s -> {
            Header.ARGSZ.set(s, 40);
            Header.FLAGS.set(s, Header.DMA_LOGGING_REPORT | Header.GET);
            MemorySegment report = s.asSlice(8);
            LoggingReport.IOVA.set(report, iova);
            LoggingReport.LENGTH.set(report, length);
            LoggingReport.PAGE_SIZE.set(report, pageSize);
            LoggingReport.BITMAP.set(report, bitmap);
        });
    }

    public int report(int fd, long iova, long length, long pageSize, MemorySegment bitmap) {
        return call(fd, Ioctl.VFIO_DEVICE_FEATURE, reportStruct(iova, length, pageSize, bitmap.address()), bitmap);
    }

    // Containers.

    public int setContainer(int group, int container) {
        return call(group, Ioctl.VFIO_GROUP_SET_CONTAINER, struct(4, s -> s.set(ValueLayout.JAVA_INT, 0, container)));
    }

    public int deviceFd(int group, String name) {
        return call(group, Ioctl.VFIO_GROUP_GET_DEVICE_FD, arena.allocateFrom(name));
    }

    public MemorySegment mapStruct(long flags, long vaddr, long iova, long size) {
        return struct(32, s -> {
            Type1.Map.ARGSZ.set(s, 32);
            Type1.Map.FLAGS.set(s, flags);
            Type1.Map.VADDR.set(s, vaddr);
            Type1.Map.IOVA.set(s, iova);
            Type1.Map.SIZE.set(s, size);
        });
    }

    public int map(int fd, long iova, MemorySegment target) {
        return call(
                fd,
                Ioctl.VFIO_IOMMU_MAP_DMA,
                mapStruct(Type1.Map.READ | Type1.Map.WRITE, target.address(), iova, target.byteSize()),
                target);
    }

    public int dirty(int fd, long flags) {
        return call(fd, Ioctl.VFIO_IOMMU_DIRTY_PAGES, struct(8, s -> {
            Type1.Dirty.ARGSZ.set(s, 8);
            Type1.Dirty.FLAGS.set(s, flags);
        }));
    }

    public MemorySegment dirtyGetStruct(long iova, long size, long pgsize, long bitmapSize, long data) {
        return struct(48, s -> {
            Type1.Dirty.ARGSZ.set(s, 48);
            Type1.Dirty.FLAGS.set(s, Type1.Dirty.GET_BITMAP);
            MemorySegment range = s.asSlice(8);
            Type1.DirtyGet.IOVA.set(range, iova);
            Type1.DirtyGet.SIZE.set(range, size);
            Type1.DirtyGet.PGSIZE.set(range, pgsize);
            Type1.DirtyGet.BITMAP_SIZE.set(range, bitmapSize);
            Type1.DirtyGet.BITMAP_DATA.set(range, data);
        });
    }

    public int dirtyGet(int fd, long iova, long size, MemorySegment bitmap) {
        long bytes = (size / 4096 + 63) / 64 * 8;
        return call(
                fd, Ioctl.VFIO_IOMMU_DIRTY_PAGES, dirtyGetStruct(iova, size, 4096, bytes, bitmap.address()), bitmap);
    }

    public MemorySegment unmapStruct(long flags, long iova, long size, long pgsize, long bitmapSize, long data) {
        boolean bitmap = (flags & Type1.Unmap.GET_DIRTY_BITMAP) != 0;
        return struct(bitmap ? 48 : 24, s -> {
            Type1.Unmap.ARGSZ.set(s, bitmap ? 48 : 24);
            Type1.Unmap.FLAGS.set(s, flags);
            Type1.Unmap.IOVA.set(s, iova);
            Type1.Unmap.SIZE.set(s, size);
            if (bitmap) {
                MemorySegment b = s.asSlice(24);
                Type1.Bitmap.PGSIZE.set(b, pgsize);
                Type1.Bitmap.SIZE.set(b, bitmapSize);
                Type1.Bitmap.DATA.set(b, data);
            }
        });
    }

    /** Unmaps; the result is how many bytes, or negative. */
    public long unmap(int fd, long iova, long size) {
        MemorySegment struct = unmapStruct(0, iova, size, 0, 0, 0);
        int result = call(fd, Ioctl.VFIO_IOMMU_UNMAP_DMA, struct);
        return result < 0 ? result : Type1.Unmap.SIZE.get(struct);
    }

    // IOMMUFD.

    public int bind(int device, int iommufd) {
        MemorySegment bind = struct(16, s -> {
            Iommufd.Bind.ARGSZ.set(s, 16);
            Iommufd.Bind.IOMMUFD.set(s, iommufd & 0xffff_ffffL);
        });
        int result = call(device, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, bind);
        return result < 0 ? result : Iommufd.Bind.OUT_DEVID.getInt(bind);
    }

    public int ioas(int iommufd) {
        MemorySegment alloc = struct(12, s -> Iommufd.IoasAlloc.SIZE.set(s, 12));
        int result = call(iommufd, Ioctl.IOMMU_IOAS_ALLOC, alloc);
        return result < 0 ? result : Iommufd.IoasAlloc.OUT_IOAS_ID.getInt(alloc);
    }

    public int hwpt(int iommufd, int device, int pt, long flags) {
        MemorySegment alloc = struct(48, s -> {
            Iommufd.HwptAlloc.SIZE.set(s, 48);
            Iommufd.HwptAlloc.FLAGS.set(s, flags);
            Iommufd.HwptAlloc.DEV_ID.set(s, device);
            Iommufd.HwptAlloc.PT_ID.set(s, pt);
        });
        int result = call(iommufd, Ioctl.IOMMU_HWPT_ALLOC, alloc);
        return result < 0 ? result : Iommufd.HwptAlloc.OUT_HWPT_ID.getInt(alloc);
    }

    public int attach(int device, int pt) {
        MemorySegment attach = struct(12, s -> {
            Iommufd.Attach.ARGSZ.set(s, 12);
            Iommufd.Attach.PT_ID.set(s, pt);
        });
        int result = call(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, attach);
        return result < 0 ? result : Iommufd.Attach.PT_ID.getInt(attach);
    }

    public MemorySegment ioasMapStruct(int ioas, long flags, long userVa, long length, long iova) {
        return struct(40, s -> {
            Iommufd.IoasMap.SIZE.set(s, 40);
            Iommufd.IoasMap.FLAGS.set(s, flags);
            Iommufd.IoasMap.IOAS_ID.set(s, ioas);
            Iommufd.IoasMap.USER_VA.set(s, userVa);
            Iommufd.IoasMap.LENGTH.set(s, length);
            Iommufd.IoasMap.IOVA.set(s, iova);
        });
    }

    public int ioasMap(int iommufd, int ioas, long iova, MemorySegment target) {
        return call(
                iommufd,
                Ioctl.IOMMU_IOAS_MAP,
                ioasMapStruct(ioas, 7, target.address(), target.byteSize(), iova),
                target);
    }

    /** Unmaps; the result is how many bytes, or negative. */
    public long ioasUnmap(int iommufd, int ioas, long iova, long length) {
        MemorySegment unmap = struct(24, s -> {
            Iommufd.IoasUnmap.SIZE.set(s, 24);
            Iommufd.IoasUnmap.IOAS_ID.set(s, ioas);
            Iommufd.IoasUnmap.IOVA.set(s, iova);
            Iommufd.IoasUnmap.LENGTH.set(s, length);
        });
        int result = call(iommufd, Ioctl.IOMMU_IOAS_UNMAP, unmap);
        return result < 0 ? result : Iommufd.IoasUnmap.LENGTH.get(unmap);
    }

    public int hugePages(int iommufd, int ioas, long allowed) {
        return call(iommufd, Ioctl.IOMMU_OPTION, struct(24, s -> {
            Iommufd.Option.SIZE.set(s, 24);
            Iommufd.Option.OPTION_ID.set(s, Iommufd.Option.HUGE_PAGES);
            Iommufd.Option.OBJECT_ID.set(s, ioas);
            Iommufd.Option.VAL64.set(s, allowed);
        }));
    }

    public int setTracking(int iommufd, int hwpt, long flags) {
        return call(iommufd, Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, struct(16, s -> {
            Iommufd.SetDirtyTracking.SIZE.set(s, 16);
            Iommufd.SetDirtyTracking.FLAGS.set(s, flags);
            Iommufd.SetDirtyTracking.HWPT_ID.set(s, hwpt);
        }));
    }

    public MemorySegment getDirtyStruct(int hwpt, long flags, long iova, long length, long pageSize, long data) {
        return struct(48, s -> {
            Iommufd.GetDirtyBitmap.SIZE.set(s, 48);
            Iommufd.GetDirtyBitmap.HWPT_ID.set(s, hwpt);
            Iommufd.GetDirtyBitmap.FLAGS.set(s, flags);
            Iommufd.GetDirtyBitmap.IOVA.set(s, iova);
            Iommufd.GetDirtyBitmap.LENGTH.set(s, length);
            Iommufd.GetDirtyBitmap.PAGE_SIZE.set(s, pageSize);
            Iommufd.GetDirtyBitmap.DATA.set(s, data);
        });
    }

    public int getDirty(int iommufd, int hwpt, long flags, long iova, long length, long pageSize, MemorySegment data) {
        return call(
                iommufd,
                Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                getDirtyStruct(hwpt, flags, iova, length, pageSize, data.address()),
                data);
    }

    public int destroy(int iommufd, int id) {
        return call(iommufd, Ioctl.IOMMU_DESTROY, struct(8, s -> {
            Iommufd.Destroy.SIZE.set(s, 8);
            Iommufd.Destroy.ID.set(s, id);
        }));
    }

    /** The bits of a bitmap, and none behind its end. */
    public static BitSet bits(MemorySegment bitmap) {
        return BitSet.valueOf(bitmap.toArray(ValueLayout.JAVA_BYTE));
    }
}
