package dev.iovabitmap.vfio.mock;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd.HwptAlloc;
import dev.iovabitmap.vfio.uapi.Iommufd.IoasAlloc;
import dev.iovabitmap.vfio.uapi.IommufdTest.Dirty;
import dev.iovabitmap.vfio.uapi.IommufdTest.MockDomain;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A page table with dirty tracking behind the mock IOMMU of a kernel that was built with CONFIG_IOMMUFD_TEST. This holds the
 * file, as a virtual machine monitor would, and others adopt it.
 */
public final class MockPageTable implements AutoCloseable {
    /** The mock IOMMU's page, half of one of the processor. */
    public static final long PAGE_SIZE = 2048;

    /** A huge page of the mock IOMMU. */
    public static final long HUGE_PAGE_SIZE = 512 * PAGE_SIZE;

    /** The first address that the mock IOMMU translates. */
    public static final long FIRST = 1L << 24;

    /** The last address that the mock IOMMU translates. */
    public static final long LAST = Integer.MAX_VALUE;

    /** The largest bitmap that one call hands over, in bytes. */
    private static final long MOST = 1 << 16;

    private static final String IOMMUFD = "/dev/iommu";

    private final Arena arena = Arena.ofShared();
    private final Caller caller;
    private final Descriptor iommufd;
    private final MemorySegment ones;
    private final int ioas;
    private final int id;

    private MockPageTable(Syscalls syscalls, boolean huge) {
        caller = new Caller(syscalls, arena);
        ones = arena.allocate(MOST).fill((byte) -1);
        iommufd = Descriptor.open(syscalls, IOMMUFD);
        try {
            ioas = allocateAddressSpace();
            id = allocatePageTable(attachMockDevice(huge));
        } catch (Throwable e) {
            iommufd.close();
            throw e;
        }
    }

    /**
     * Makes one.
     *
     * @param syscalls the running kernel
     * @return the page table, which the caller closes
     */
    public static MockPageTable open(Syscalls syscalls) {
        return new MockPageTable(syscalls, false);
    }

    /**
     * Makes one that maps by huge entries what is contiguous in {@link #HUGE_PAGE_SIZE} and aligned to it, in memory and as an
     * address alike.
     *
     * @param syscalls the running kernel
     * @return the page table, which the caller closes
     */
    public static MockPageTable openHuge(Syscalls syscalls) {
        return new MockPageTable(syscalls, true);
    }

    private int allocateAddressSpace() {
        MemorySegment alloc = caller.struct(IoasAlloc.LAYOUT.byteSize());
        IoasAlloc.SIZE.set(alloc, alloc.byteSize());
        caller.call(iommufd, Ioctl.IOMMU_IOAS_ALLOC, alloc, IOMMUFD);
        return IoasAlloc.OUT_IOAS_ID.getInt(alloc);
    }

    private int attachMockDevice(boolean huge) {
        MemorySegment attach = caller.struct(MockDomain.LAYOUT.byteSize());
        MockDomain.SIZE.set(attach, attach.byteSize());
        MockDomain.OP.set(attach, huge ? MockDomain.OPERATION_WITH_FLAGS : MockDomain.OPERATION);
        MockDomain.ID.set(attach, ioas);
        MockDomain.DEV_FLAGS.set(attach, huge ? MockDomain.HUGE_IOVA : 0);
        caller.call(iommufd, Ioctl.IOMMU_TEST_CMD, attach, "MOCK_DOMAIN id=" + ioas);
        return MockDomain.OUT_IDEV_ID.getInt(attach);
    }

    private int allocatePageTable(int device) {
        MemorySegment alloc = caller.struct(HwptAlloc.LAYOUT.byteSize());
        HwptAlloc.SIZE.set(alloc, alloc.byteSize());
        HwptAlloc.FLAGS.set(alloc, HwptAlloc.DIRTY_TRACKING);
        HwptAlloc.DEV_ID.set(alloc, device);
        HwptAlloc.PT_ID.set(alloc, ioas);
        caller.call(iommufd, Ioctl.IOMMU_HWPT_ALLOC, alloc, "dev_id=" + device + " pt_id=" + ioas);
        return HwptAlloc.OUT_HWPT_ID.getInt(alloc);
    }

    /** {@return what others name the page table by} */
    public Handle handle() {
        return new Handle(iommufd, ioas, id);
    }

    /**
     * A page table.
     *
     * @param iommufd the file that it belongs to
     * @param ioas the id of its address space
     * @param id its id
     */
    public record Handle(Descriptor iommufd, int ioas, int id) {}

    /**
     * Marks pages as written, if somebody tracks; else nothing is.
     *
     * @param iova the first address, unsigned, in one mapping with the last
     * @param length the length in bytes, unsigned
     */
    public void write(long iova, long length) {
        long first = iova & -PAGE_SIZE;
        long pages = ((iova + length - 1) >>> 11) - (iova >>> 11) + 1;
        for (long done = 0; done < pages; ) {
            long some = Math.min(pages - done, MOST * Byte.SIZE);
            long at = first + done * PAGE_SIZE;
            long marked = mark(at, some * PAGE_SIZE, ones);
            if (marked < 0) {
                return; // nobody tracks: everything else that the kernel says this of is right here
            }
            if (marked != some) {
                throw new IllegalStateException("marking " + new IovaRange(at, some * PAGE_SIZE) + " marked " + marked
                        + " pages: not all of it is mapped");
            }
            done += some;
        }
    }

    /**
     * Marks pages as written, of which there may be many.
     *
     * @param iova the address of the first, a multiple of {@link #PAGE_SIZE}
     * @param length the length of all, which are in one mapping, in bytes
     * @param pages a bit for each, set if it is to be marked
     * @return how many were marked; negative if nobody tracks
     */
    public long mark(long iova, long length, MemorySegment pages) {
        MemorySegment dirty = caller.struct(Dirty.LAYOUT.byteSize());
        Dirty.SIZE.set(dirty, dirty.byteSize());
        Dirty.OP.set(dirty, Dirty.OPERATION);
        Dirty.ID.set(dirty, id);
        Dirty.IOVA.set(dirty, iova);
        Dirty.LENGTH.set(dirty, length);
        Dirty.PAGE_SIZE.set(dirty, PAGE_SIZE);
        Dirty.UPTR.set(dirty, pages.address());
        int result = caller.ask(iommufd, Ioctl.IOMMU_TEST_CMD, dirty, pages);
        if (result == -Errno.EINVAL) {
            return result;
        }
        String arguments = "DIRTY iova=" + Unsigned.hex(iova) + " length=" + Unsigned.hex(length);
        Caller.requireDone(result, Ioctl.IOMMU_TEST_CMD.name(), arguments);
        return Dirty.OUT_NR_DIRTY.get(dirty);
    }

    @Override
    public void close() {
        try (arena) {
            iommufd.close();
        }
    }
}
