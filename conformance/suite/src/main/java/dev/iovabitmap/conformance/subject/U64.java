package dev.iovabitmap.conformance.subject;

import java.math.BigInteger;
import java.util.Random;

/** Unsigned 64-bit numbers in the suite; apart from the api's own on purpose. */
public final class U64 {
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(Long.SIZE);

    private U64() {}

    /** {@return the number as {@code 0x1f}} */
    public static String show(long value) {
        return "0x" + Long.toHexString(value);
    }

    public static BigInteger toBigInteger(long value) {
        BigInteger signed = BigInteger.valueOf(value);
        return value < 0 ? signed.add(MODULUS) : signed;
    }

    /** Takes any number modulo 2^64. */
    public static long fromBigInteger(BigInteger value) {
        return value.longValue();
    }

    public static int compare(long a, long b) {
        return Long.compareUnsigned(a, b);
    }

    public static long divide(long value, long by) {
        return Long.divideUnsigned(value, by);
    }

    public static long remainder(long value, long by) {
        return Long.remainderUnsigned(value, by);
    }

    public static long min(long a, long b) {
        return compare(a, b) <= 0 ? a : b;
    }

    /** {@return any number from 0 to the limit, inclusive, unsigned} */
    public static long below(Random random, long limit) {
        long any = random.nextLong();
        return limit == -1 ? any : Long.remainderUnsigned(any, limit + 1);
    }
}
