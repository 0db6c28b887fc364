package dev.iovabitmap.ffm.example;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;

/**
 * A memory slot of KVM, as it was given to KVM_SET_USER_MEMORY_REGION.
 *
 * @param guestAddress guest_phys_addr
 * @param memorySize memory_size in bytes
 * @param hostPageSize the page size of the host, 4096 on x86
 */
record KvmSlot(long guestAddress, long memorySize, long hostPageSize) {
    /** Bit k of the log is page k of the slot, counted from the slot's own start. */
    IovaBitmapLayout layout() {
        return new IovaBitmapLayout(guestAddress, memorySize, hostPageSize);
    }

    /** How many bytes KVM_GET_DIRTY_LOG writes: a bit for each page, filled up to whole 64-bit words. */
    long logSize() {
        return layout().byteSize();
    }

    /**
     * Adds what KVM_GET_DIRTY_LOG wrote to the bitmap of the guest, which may have pages of another size and begin elsewhere.
     * What the slot has outside of the bitmap's range is left out. No other thread marks pages in the bitmap meanwhile.
     *
     * @param log what dirty_bitmap pointed to
     */
    void addTo(IovaBitmap guest, MemorySegment log) {
        DirtyPages.merge(layout(), log, guest.layout(), guest.data());
    }
}
