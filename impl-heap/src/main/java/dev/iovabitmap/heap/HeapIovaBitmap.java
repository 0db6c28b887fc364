package dev.iovabitmap.heap;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import dev.iovabitmap.words.HeapWords;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes bitmaps over {@code long[]}. Bit {@code k} is bit {@code k % 64} of element {@code k / 64}. */
public final class HeapIovaBitmap {
    private HeapIovaBitmap() {}

    /**
     * Allocates a bitmap over an array.
     *
     * @param layout the range and page size
     * @param words the words, at least {@link IovaBitmapLayout#wordCount}; they belong to the caller
     * @return the bitmap, for one writer
     * @throws IllegalArgumentException if the array is too small
     */
    public static IovaBitmap over(IovaBitmapLayout layout, long[] words) {
        return over(layout, segmentOf(words));
    }

    /**
     * Allocates a bitmap over a segment of an array.
     *
     * @param layout the range and page size
     * @param data the words: a writable segment over a {@code long[]} that starts at an element
     * @return the bitmap, for one writer
     * @throws IllegalArgumentException if the segment is too small, read-only, or another kind
     */
    public static IovaBitmap over(IovaBitmapLayout layout, MemorySegment data) {
        return new Plain(layout, data);
    }

    /**
     * Allocates a bitmap over an array, for many writers.
     *
     * @param layout the range and page size
     * @param words the words, at least {@link IovaBitmapLayout#wordCount}; they belong to the caller
     * @return the bitmap
     * @throws IllegalArgumentException if the array is too small
     */
    public static IovaBitmap concurrentOver(IovaBitmapLayout layout, long[] words) {
        return concurrentOver(layout, segmentOf(words));
    }

    /**
     * Allocates a bitmap over a segment of an array, for many writers.
     *
     * @param layout the range and page size
     * @param data the words: a writable segment over a {@code long[]} that starts at an element
     * @return the bitmap
     * @throws IllegalArgumentException if the segment is too small, read-only, or another kind
     */
    public static IovaBitmap concurrentOver(IovaBitmapLayout layout, MemorySegment data) {
        return new Concurrent(layout, data);
    }

    private static MemorySegment segmentOf(long[] words) {
        return MemorySegment.ofArray(Objects.requireNonNull(words, "words"));
    }

    private abstract static class OverArray extends AbstractIovaBitmap {
        final long[] words;
        final int base;

        OverArray(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
            long @Nullable [] array = HeapWords.arrayOf(data);
            if (array == null) {
                throw new IllegalArgumentException("data is not a segment over a long[] that starts at an element: "
                        + data + "; this provider takes no other");
            }
            this.words = array;
            this.base = HeapWords.baseOf(data);
        }
    }

    private static final class Plain extends OverArray {
        Plain(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
        }

        @Override
        public void set(long iova, long length) {
            super.set(iova, length); // compiled for this class alone: see there
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            HeapWords.set(words, base, firstBit, lastBit);
        }
    }

    private static final class Concurrent extends OverArray {
        Concurrent(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
        }

        @Override
        public void set(long iova, long length) {
            super.set(iova, length); // compiled for this class alone: see there
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            HeapWords.setAtomically(words, base, firstBit, lastBit);
        }
    }
}
