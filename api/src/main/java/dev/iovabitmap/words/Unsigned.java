package dev.iovabitmap.words;

/** The one place of the product that does unsigned 64-bit arithmetic beyond what plus, minus and shifts give. */
public final class Unsigned {
    private Unsigned() {}

    /**
     * Compares two numbers.
     *
     * @param a the first
     * @param b the second
     * @return a negative number, 0 or a positive one, as the first is below, equal to or above the second
     */
    public static int compare(long a, long b) {
        return Long.compareUnsigned(a, b);
    }

    /**
     * Returns whether one number is below another.
     *
     * @param a the one
     * @param b the other
     * @return whether it is
     */
    public static boolean less(long a, long b) {
        return compare(a, b) < 0;
    }

    /**
     * Returns the smaller number.
     *
     * @param a the one
     * @param b the other
     * @return the smaller
     */
    public static long min(long a, long b) {
        return less(b, a) ? b : a;
    }

    /**
     * Returns the larger number.
     *
     * @param a the one
     * @param b the other
     * @return the larger
     */
    public static long max(long a, long b) {
        return less(a, b) ? b : a;
    }

    /**
     * Returns the last address of a range, cut at 2^64 - 1 where the range would wrap.
     *
     * @param iova the first address
     * @param length the length in bytes, at least 1
     * @return the last address, inclusive
     */
    public static long lastOrTop(long iova, long length) {
        long last = iova + length - 1;
        return less(last, iova) ? -1L : last;
    }

    /**
     * Returns whether a number has exactly one bit set, that of 2^63 included.
     *
     * @param value the number
     * @return whether it is a power of two
     */
    public static boolean isPowerOfTwo(long value) {
        return Long.bitCount(value) == 1;
    }

    /**
     * Returns a number as a floating-point one, rounded.
     *
     * @param value the number
     * @return from 0 to 2^64
     */
    public static double toDouble(long value) {
        // of the two lowest bits of a large one, either makes the half odd: that decides how a tie is rounded
        return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2.0;
    }

    /**
     * Returns both ways a person may look for a number: {@code 4096 (0x1000)}.
     *
     * @param value the number
     * @return the text
     */
    public static String show(long value) {
        return Long.toUnsignedString(value) + " (" + hex(value) + ")";
    }

    /**
     * Returns a number as {@code 0x1000}.
     *
     * @param value the number
     * @return the text
     */
    public static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
