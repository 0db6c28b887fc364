package dev.iovabitmap.words;

/** The one place of the product that does unsigned 64-bit arithmetic beyond what plus, minus and shifts give. */
public final class Unsigned {
    private Unsigned() {}

    /** {@return a negative number, 0 or a positive one, as the first is below, equal to or above the second} */
    public static int compare(long a, long b) {
        return Long.compareUnsigned(a, b);
    }

    /** {@return whether the first is below the second} */
    public static boolean less(long a, long b) {
        return compare(a, b) < 0;
    }

    /** {@return the smaller one} */
    public static long min(long a, long b) {
        return less(b, a) ? b : a;
    }

    /** {@return the larger one} */
    public static long max(long a, long b) {
        return less(a, b) ? b : a;
    }

    /** {@return the last address of a range of at least one byte, cut at 2^64 - 1 where the range would wrap} */
    public static long lastOrTop(long iova, long length) {
        long last = iova + length - 1;
        return less(last, iova) ? -1L : last;
    }

    /** {@return whether exactly one bit is set, that of 2^63 included} */
    public static boolean isPowerOfTwo(long value) {
        return Long.bitCount(value) == 1;
    }

    /** {@return both ways a person may look for the number: {@code 4096 (0x1000)}} */
    public static String show(long value) {
        return Long.toUnsignedString(value) + " (" + hex(value) + ")";
    }

    /** {@return the number as {@code 0x1000}} */
    public static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
