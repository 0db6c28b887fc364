package dev.iovabitmap.vfio.sim;

/**
 * Unsigned arithmetic of the simulated kernel's own. It shares none with the code that it is there to test, so that one
 * mistake cannot hide in both.
 */
final class U64 {
    private U64() {}

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

    /** Whether a + b passes 2^64 - 1. */
    static boolean sumOverflows(long a, long b) {
        return less(a + b, a);
    }

    static long divide(long dividend, long divisor) {
        return Long.divideUnsigned(dividend, divisor);
    }

    static boolean isPowerOfTwo(long value) {
        return Long.bitCount(value) == 1;
    }

    /** The lowest multiple of a power of two at or above; wraps to 0 at the top. */
    static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }
}
