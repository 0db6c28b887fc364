package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.util.Set;

/**
 * The kernel's iova_bitmap over a caller's memory, with what it does at its edges.
 *
 * <p>Until 6.10 it pinned a window of up to 512 pages of the bitmap before the driver was asked about the addresses that
 * the window stands for, and a mark outside of the window was dropped. From 6.11 on the driver is asked once, and pages
 * are pinned as marks arrive, from the byte of the mark on. In both a mark that starts before the first address is
 * dropped whole, one that runs past the end goes on to the end of the last pinned page, and a page that cannot be
 * pinned ends what can be marked.
 */
final class KernelBitmap {
    private static final long PAGES = 512;

    /** What a driver does with a window. */
    @FunctionalInterface
    interface Reader {
        void read(long iova, long length);
    }

    private final long iova;
    private final long length;
    private final int pageShift;
    private final long data;
    private final UserMemory memory;
    private final KernelVersion version;
    private final Set<Misbehaviour> misbehaviours;
    private final long totalBytes;

    private long mappedIndex;
    private long mappedPages;
    private long mappedIova;

    KernelBitmap(SimulatedKernel kernel, long iova, long length, long pageSize, long data, UserMemory memory) {
        this.iova = iova;
        this.length = length;
        this.pageShift = Long.numberOfTrailingZeros(pageSize);
        this.data = data;
        this.memory = memory;
        this.version = kernel.version();
        this.misbehaviours = kernel.misbehaviours();
        this.totalBytes = ((length - 1) >>> pageShift) / 8 + 1;
        if (version.hasWindows()) {
            pinOrFail(0);
        }
    }

    void forEach(Reader reader) {
        if (!version.hasWindows()) {
            reader.read(iova, length);
            return;
        }
        do {
            long windowLength = mappedLength();
            reader.read(mappedIova, windowLength);
            long next = mappedIndex + ((windowLength - 1) >>> pageShift) / 8 + 1;
            if (windowLength == 0 || !U64.less(next, totalBytes)) {
                return;
            }
            pinOrFail(next);
        } while (true);
    }

    /** Marks what a driver found dirty. */
    void set(long dirtyIova, long dirtyLength) {
        if (version.hasWindows()) {
            setMapped(dirtyIova - mappedIova, dirtyIova + dirtyLength - 1 - mappedIova);
            return;
        }
        long first = (dirtyIova - iova) >>> pageShift;
        long last = (dirtyIova + dirtyLength - 1 - iova) >>> pageShift;
        while (U64.less(first / 8, totalBytes) && !U64.less(last, first)) {
            if (!pin(first / 8)) {
                KernelError.unless(misbehaviours.contains(Misbehaviour.PIN_FAILURE_IS_SILENT), Errno.EFAULT);
                return;
            }
            long nextByte = mappedIndex + mappedPages * UserMemory.PAGE - pageOffset();
            mark(first, U64.min(last, nextByte * 8 - 1));
            first = nextByte * 8;
        }
    }

    /** Marks in the window that is pinned; distances from its first address. */
    private void setMapped(long firstOffset, long lastOffset) {
        long base = mappedIndex * 8;
        long limit = (mappedPages * UserMemory.PAGE - pageOffset()) * 8;
        long first = firstOffset >>> pageShift;
        long last = lastOffset >>> pageShift;
        if (U64.less(first, limit) && !U64.less(last, first)) {
            mark(base + first, base + U64.min(last, limit - 1));
        }
    }

    private void mark(long firstBit, long lastBit) {
        long last = lastBit;
        if (!misbehaviours.contains(Misbehaviour.STRAY_BITS)) {
            last = U64.min(last, (length - 1) >>> pageShift);
            if (U64.less(last, firstBit)) {
                return;
            }
        }
        memory.setBits(data, firstBit, last);
    }

    private void pinOrFail(long index) {
        KernelError.unless(pin(index), Errno.EFAULT);
    }

    /** Pins from a byte of the bitmap on, as many pages as can be had at once. */
    private boolean pin(long index) {
        long address = data + index;
        long offset = address % UserMemory.PAGE;
        long rest = totalBytes - index;
        long wanted = Math.min(PAGES, (rest - 1) / UserMemory.PAGE + 1 + (offset != 0 ? 1 : 0));
        long pages = 0;
        while (pages < wanted && canPin(address - offset + pages * UserMemory.PAGE, address, rest)) {
            pages++;
        }
        mappedIndex = index;
        mappedPages = pages;
        mappedIova = iova + ((index * 8) << pageShift);
        return pages > 0;
    }

    /**
     * A page can be pinned if all of the bitmap that lies in it was handed over; one with nothing of the bitmap in it, which
     * is the one behind the end, if its start was.
     */
    private boolean canPin(long page, long address, long rest) {
        long from = Math.max(page, address);
        long bytes = Math.min(page + UserMemory.PAGE, address + rest) - from;
        return memory.covers(from, Math.max(bytes, 1));
    }

    private long pageOffset() {
        return (data + mappedIndex) % UserMemory.PAGE;
    }

    /** The kernel's own formula, which goes wrong where it wraps. */
    private long mappedLength() {
        long bytes = U64.min(totalBytes - mappedIndex, mappedPages * UserMemory.PAGE - pageOffset());
        long window = (bytes * 8) << pageShift;
        long last = iova + length - 1;
        long windowLast = mappedIova + window - 1;
        return U64.less(last, windowLast) ? window - (windowLast - last) : window;
    }
}
