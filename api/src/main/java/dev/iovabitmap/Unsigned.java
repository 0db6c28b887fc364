package dev.iovabitmap;

/** The one place of the product that does unsigned 64-bit arithmetic beyond what plus, minus and shifts give. */
final class Unsigned {
    private Unsigned() {}

    static int compare(long a, long b) {
        return Long.compareUnsigned(a, b);
    }

    static boolean less(long a, long b) {
        return compare(a, b) < 0;
    }

    static long min(long a, long b) {
        return less(b, a) ? b : a;
    }

    static long max(long a, long b) {
        return less(a, b) ? b : a;
    }

    /** The last address of a range of at least one byte, cut at 2^64 - 1 where the range would wrap. */
    static long lastOrTop(long iova, long length) {
        long last = iova + length - 1;
        return less(last, iova) ? -1L : last;
    }

    /** Whether {@code value} has exactly one bit set, 2^63 included. */
    static boolean isPowerOfTwo(long value) {
        return Long.bitCount(value) == 1;
    }

    /** Both ways a person may look for the number: {@code 4096 (0x1000)}. */
    static String show(long value) {
        return Long.toUnsignedString(value) + " (" + hex(value) + ")";
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
