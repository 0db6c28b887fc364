package dev.iovabitmap;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A running session in which a device, or the IOMMU in front of it, records the pages that the device writes. Bitmaps that
 * it allocates are harvested into: before each callback of {@link IovaBitmap#forEach} the dirt of that window is in the
 * bitmap's data.
 */
public interface DirtyTracker extends AutoCloseable {
    /** {@return the ranges that are tracked, ascending and disjoint; they cover at least what was asked for} */
    List<IovaRange> ranges();

    /** {@return the page size that the device granted, in bytes, unsigned, a power of two; it may differ from the one asked for} */
    long grantedPageSize();

    /**
     * Allocates a bitmap over the caller's words whose {@link IovaBitmap#forEach} harvests what the device has recorded.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     * @param pageSize the page size of a bit in bytes, a power of two; need not be the granted one
     * @param data the words; see {@link IovaBitmapLayout#byteSize}
     * @return the bitmap
     * @throws IllegalArgumentException if the numbers describe no range, the data does not fit it, or a part of the range is
     *     outside {@link #ranges()}
     * @throws IllegalStateException if this session is closed
     */
    IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data);

    /**
     * Allocates a bitmap over the caller's words whose {@link IovaBitmap#forEach} reads what the device has recorded and clears
     * nothing: the same dirt is there for the next bitmap.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     * @param pageSize the page size of a bit in bytes, a power of two; need not be the granted one
     * @param data the words; see {@link IovaBitmapLayout#byteSize}
     * @return the bitmap
     * @throws UnsupportedOperationException without {@link dev.iovabitmap.spi.Feature#PEEK}, which is the default, or if this
     *     session's way to its device cannot, though others of the provider can
     * @throws IllegalArgumentException as {@link #allocate} does
     * @throws IllegalStateException if this session is closed
     */
    default IovaBitmap peek(long iova, long length, long pageSize, MemorySegment data) {
        throw new UnsupportedOperationException("this session reads no dirt without clearing it");
    }

    /**
     * Stops tracking. Closing again does nothing. Afterwards {@link IovaBitmap#forEach} of this session's bitmaps throws
     * {@link IllegalStateException}, with every page marked that it has not reported.
     */
    @Override
    void close();
}
