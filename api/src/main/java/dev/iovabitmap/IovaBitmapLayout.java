package dev.iovabitmap;

import dev.iovabitmap.words.Unsigned;

/**
 * Which addresses a bitmap covers and at which granularity, and the arithmetic that follows from it. All of it holds for
 * the whole unsigned 64-bit space, up to a range that ends at 2^64 - 1, and for page sizes from 1 to 2^63.
 *
 * @param iova the first address of the range, unsigned; need not be a multiple of the page size
 * @param length the length of the range in bytes, unsigned, at least 1 (2^64 cannot be expressed)
 * @param pageSize how many bytes a bit stands for, unsigned, a power of two from 1 to 2^63
 */
public record IovaBitmapLayout(long iova, long length, long pageSize) {
    /** The base page size that every backend windows by, in bytes, whatever the host's. */
    public static final long BASE_PAGE_SIZE = 4096;

    /** The smallest base page that windows of whole bytes can be made of. */
    private static final long MIN_BASE_PAGE_SIZE = 8;

    private static final long MAX_BASE_PAGE_SIZE = 1L << 30;

    /**
     * Checks that the three numbers describe a range.
     *
     * @throws IllegalArgumentException naming the argument and its value, if the page size is not a power of two, the length
     *     is 0, or the last address would wrap
     */
    public IovaBitmapLayout {
        if (!Unsigned.isPowerOfTwo(pageSize)) {
            throw new IllegalArgumentException(
                    "pageSize " + Unsigned.show(pageSize) + " is not a power of two from 1 to 2^63");
        }
        if (length == 0) {
            throw new IllegalArgumentException("length 0 (0x0): a bitmap covers at least one byte");
        }
        if (Unsigned.less(iova + length - 1, iova)) {
            throw new IllegalArgumentException("length " + Unsigned.show(length) + " from iova " + Unsigned.show(iova)
                    + " wraps: the last address would be beyond 2^64 - 1");
        }
    }

    /** {@return the base-2 logarithm of the page size, 0 to 63} */
    public int pageShift() {
        return Long.numberOfTrailingZeros(pageSize);
    }

    /** {@return the last address of the range, unsigned, inclusive} */
    public long lastIova() {
        return iova + length - 1;
    }

    /** {@return how many pages, and so bits, the range has, unsigned, at least 1} The last page may be cut by the range's end. */
    public long bitCount() {
        return ((length - 1) >>> pageShift()) + 1;
    }

    /** {@return how many 64-bit words the bits take, 1 to 2^58} */
    public long wordCount() {
        return ((bitCount() - 1) >>> 6) + 1;
    }

    /** {@return how many bytes the words take, eight times {@link #wordCount}, 8 to 2^61} */
    public long byteSize() {
        return wordCount() << 3;
    }

    /**
     * Returns the bit that stands for an address, relative to the base as it was given.
     *
     * @param iova an address inside the range, unsigned
     * @return the bit's index, unsigned
     * @throws IndexOutOfBoundsException if the address is outside the range
     */
    public long bitOf(long iova) {
        requireInside(iova, 1);
        return (iova - this.iova) >>> pageShift();
    }

    /**
     * Returns the first address that a bit stands for.
     *
     * @param bit the bit's index, unsigned, below {@link #bitCount}
     * @return the address, unsigned
     * @throws IndexOutOfBoundsException if there is no such bit
     */
    public long iovaOf(long bit) {
        if (!Unsigned.less(bit, bitCount())) {
            throw new IndexOutOfBoundsException(
                    "bit " + Unsigned.show(bit) + " is outside the " + Unsigned.show(bitCount()) + " bits of " + this);
        }
        return iova + (bit << pageShift());
    }

    /**
     * Returns the addresses that a bit and those behind it stand for, as a length from {@link #iovaOf} of the first. The last
     * page is cut to the range.
     *
     * @param firstBit the first bit, unsigned
     * @param lastBit the last bit, unsigned, inclusive, not below the first
     * @return the length in bytes, unsigned
     * @throws IndexOutOfBoundsException if a bit is outside the range, or the last is below the first
     */
    public long lengthOf(long firstBit, long lastBit) {
        if (Unsigned.less(lastBit, firstBit)) {
            throw new IndexOutOfBoundsException(
                    "last bit " + Unsigned.show(lastBit) + " is below the first, " + Unsigned.show(firstBit));
        }
        long endOfPage = (iovaOf(lastBit) - iova) | (pageSize - 1);
        return Unsigned.min(endOfPage, length - 1) - (iovaOf(firstBit) - iova) + 1;
    }

    /**
     * Returns whether a range lies wholly inside this one. A range of length 0 does from the first address up to the one
     * behind the last, modulo 2^64.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     * @return whether no byte of the range is outside
     */
    public boolean contains(long iova, long length) {
        long offset = iova - this.iova;
        // offset <= this.length first, so that the subtraction cannot wrap
        return !Unsigned.less(this.length, offset) && !Unsigned.less(this.length - offset, length);
    }

    /**
     * Returns whether a range of at least one byte lies wholly inside one that starts at 0. This is all that setting bits has to
     * check, in two comparisons.
     *
     * @param offset the first byte of the range, unsigned
     * @param length the length in bytes, unsigned; a range of length 0 is not inside
     * @param size the length of the other in bytes, unsigned; in one of length 0 there is nothing
     * @return whether the range has a byte, and none is outside
     */
    public static boolean isInside(long offset, long length, long size) {
        long last = offset + length - 1;
        // the first fails for a length of 0, unless the offset is 0 as well, and then the second does; and for a wrap
        return !Unsigned.less(last, offset) && Unsigned.less(last, size);
    }

    /**
     * Checks that a range lies wholly inside this one, as {@link #contains} sees it.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     * @throws IndexOutOfBoundsException naming both ranges, if it does not
     */
    public void requireInside(long iova, long length) {
        if (!contains(iova, length)) {
            throw new IndexOutOfBoundsException(
                    "iova " + Unsigned.show(iova) + " with length " + Unsigned.show(length) + " is not inside " + this);
        }
    }

    /** The first page that a part which starts at an address has from its first byte on, as a bit. */
    long firstWhole(long from) {
        long offset = from - iova;
        return (offset >>> pageShift()) + ((offset & (pageSize - 1)) == 0 ? 0 : 1);
    }

    /** The bit after the last page that lies wholly in a part with this end; the last page of the range may be short. */
    long stopWhole(long to) {
        return to == lastIova() ? bitCount() : (to - iova + 1) >>> pageShift();
    }

    // Windows. A kernel pins the pages of the user's bitmap window by window, as many as one base page of P bytes
    // holds page pointers: P / 8 pages of bitmap, P * P / 8 bytes. Data that starts in the middle of a page, at
    // offset o, loses these o bytes in the first window, since the pages and not the bytes are counted. So window k
    // covers the bitmap's bytes [k * cap - o, (k + 1) * cap - o), cut to the bitmap. All values fit: a bitmap has
    // at most 2^61 bytes, and cap is at most 2^57.

    /**
     * Returns how many windows the range is visited in.
     *
     * @param pageOffset the offset of the data within a base page, in bytes
     * @param basePageSize the base page size in bytes, a power of two from 8 to 2^30; backends use {@link #BASE_PAGE_SIZE}
     * @return the number of windows, at least 1
     * @throws IllegalArgumentException if the base page size is none, or the offset is not inside a base page
     */
    public long windowCount(long pageOffset, long basePageSize) {
        requireBasePage(pageOffset, basePageSize);
        int capShift = windowShift(basePageSize);
        return (bitmapBytes() + pageOffset + (1L << capShift) - 1) >>> capShift;
    }

    /**
     * Returns the first address of a window.
     *
     * @param index which window, from 0
     * @param pageOffset the offset of the data within a base page, in bytes
     * @param basePageSize the base page size in bytes, a power of two from 8 to 2^30
     * @return the address, unsigned
     * @throws IllegalArgumentException if the base page size is none, or the offset is not inside a base page
     * @throws IndexOutOfBoundsException if there is no such window
     */
    public long windowIova(long index, long pageOffset, long basePageSize) {
        if (index < 0 || index >= windowCount(pageOffset, basePageSize)) {
            throw new IndexOutOfBoundsException(
                    "window " + index + " of " + windowCount(pageOffset, basePageSize) + " in " + this);
        }
        return windowStart(index, pageOffset, basePageSize);
    }

    /**
     * Returns the length of a window.
     *
     * @param index which window, from 0
     * @param pageOffset the offset of the data within a base page, in bytes
     * @param basePageSize the base page size in bytes, a power of two from 8 to 2^30
     * @return the length in bytes, unsigned, never 0
     * @throws IllegalArgumentException if the base page size is none, or the offset is not inside a base page
     * @throws IndexOutOfBoundsException if there is no such window
     */
    public long windowLength(long index, long pageOffset, long basePageSize) {
        long start = windowIova(index, pageOffset, basePageSize);
        boolean last = index + 1 == windowCount(pageOffset, basePageSize);
        return (last ? lastIova() + 1 : windowStart(index + 1, pageOffset, basePageSize)) - start;
    }

    private long windowStart(long index, long pageOffset, long basePageSize) {
        long startByte = index == 0 ? 0 : (index << windowShift(basePageSize)) - pageOffset;
        return iova + (startByte << 3 << pageShift());
    }

    private static int windowShift(long basePageSize) {
        return 2 * Long.numberOfTrailingZeros(basePageSize) - 3;
    }

    /** How many bytes hold at least one bit; the words may have up to seven more. */
    private long bitmapBytes() {
        return ((bitCount() - 1) >>> 3) + 1;
    }

    private static void requireBasePage(long pageOffset, long basePageSize) {
        if (!Unsigned.isPowerOfTwo(basePageSize)
                || basePageSize < MIN_BASE_PAGE_SIZE
                || basePageSize > MAX_BASE_PAGE_SIZE) {
            throw new IllegalArgumentException(
                    "basePageSize " + Unsigned.show(basePageSize) + " is not a power of two from 8 to 2^30");
        }
        if (pageOffset < 0 || pageOffset >= basePageSize) {
            throw new IllegalArgumentException("pageOffset " + Unsigned.show(pageOffset)
                    + " is not inside a base page of " + Unsigned.show(basePageSize) + " bytes");
        }
    }

    @Override
    public String toString() {
        return "IovaBitmapLayout[iova=" + Unsigned.hex(iova) + ", length=" + Unsigned.hex(length) + ", pageSize="
                + Unsigned.hex(pageSize) + "]";
    }
}
