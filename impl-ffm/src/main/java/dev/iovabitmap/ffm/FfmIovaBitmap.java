package dev.iovabitmap.ffm;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;

/** Makes bitmaps over memory off the heap: native, or a mapped file of any size. */
public final class FfmIovaBitmap {
    private FfmIovaBitmap() {}

    /**
     * Allocates a bitmap over native or mapped memory of any byte alignment.
     *
     * @param layout the range and page size
     * @param data the words, at least {@link IovaBitmapLayout#byteSize} bytes; they belong to the caller
     * @return the bitmap, for one writer
     * @throws IllegalArgumentException if the segment is too small, read-only, or on the heap
     * @throws IllegalStateException if the arena of the data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    public static IovaBitmap over(IovaBitmapLayout layout, MemorySegment data) {
        return new Plain(layout, data);
    }

    /**
     * Allocates a bitmap over 8-byte-aligned native or mapped memory, for many writers.
     *
     * @param layout the range and page size
     * @param data the words, at least {@link IovaBitmapLayout#byteSize} bytes; they belong to the caller
     * @return the bitmap
     * @throws IllegalArgumentException if the segment is too small, read-only, not aligned, or on the heap
     * @throws IllegalStateException if the arena of the data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    public static IovaBitmap concurrentOver(IovaBitmapLayout layout, MemorySegment data) {
        return new Concurrent(layout, data);
    }

    private abstract static class OffHeap extends AbstractIovaBitmap {
        final MemorySegment words;

        OffHeap(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
            if (!data.isNative()) {
                throw new IllegalArgumentException(
                        "data is on the heap: " + data + "; this provider takes native and mapped memory");
            }
            this.words = data;
        }
    }

    private static final class Plain extends OffHeap {
        Plain(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
        }

        @Override
        public void set(long iova, long length) {
            super.set(iova, length); // compiled for this class alone: see there
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            SegmentWords.set(words, firstBit, lastBit);
        }
    }

    private static final class Concurrent extends OffHeap {
        Concurrent(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
            if (!SegmentWords.isAligned(data)) {
                throw new IllegalArgumentException("data is not 8-byte aligned: " + data
                        + "; this provider takes no other, since it writes atomically");
            }
        }

        @Override
        public void set(long iova, long length) {
            super.set(iova, length); // compiled for this class alone: see there
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            SegmentWords.setAtomically(words, firstBit, lastBit);
        }
    }
}
