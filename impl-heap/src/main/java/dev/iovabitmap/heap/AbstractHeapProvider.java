package dev.iovabitmap.heap;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.words.HeapWords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the two providers share: where they work, and the data they take. */
abstract sealed class AbstractHeapProvider implements IovaBitmapProvider permits HeapProvider, ConcurrentHeapProvider {
    /** Some JVMs cannot allocate the two longest arrays. */
    private static final long MAX_WORDS = Integer.MAX_VALUE - 2;

    @Override
    public final Availability availability() {
        return HeapWords.USABLE
                ? Availability.AVAILABLE
                : Availability.unavailable("a long[] of this big-endian host has its bytes in the wrong order");
    }

    /**
     * Allocates zeroed data: a segment over a new {@code long[]}.
     *
     * @param byteSize the size in bytes, at most that of the longest array
     * @param pageOffset where in the array, and so in a page of 4 KiB, the data shall start: a multiple of 8 below 4096
     * @param arena ignored
     */
    @Override
    public final MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
        if (pageOffset < 0 || pageOffset >= IovaBitmapLayout.BASE_PAGE_SIZE || pageOffset % Long.BYTES != 0) {
            throw new IllegalArgumentException("pageOffset " + pageOffset + " is not a multiple of 8 from 0 to 4088");
        }
        if (byteSize < 0 || byteSize > MAX_WORDS * Long.BYTES - IovaBitmapLayout.BASE_PAGE_SIZE) {
            throw new IllegalArgumentException("byteSize " + byteSize + " is negative or does not fit a long[]");
        }
        long words = (pageOffset + byteSize + Long.BYTES - 1) / Long.BYTES;
        return MemorySegment.ofArray(new long[(int) words]).asSlice(pageOffset, byteSize);
    }
}
