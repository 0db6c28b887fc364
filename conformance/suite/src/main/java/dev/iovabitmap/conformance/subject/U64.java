package dev.iovabitmap.conformance.subject;

import java.math.BigInteger;

/** Unsigned 64-bit numbers as people read them. The only class of the suite that uses the unsigned helpers of Long. */
public final class U64 {
    private U64() {}

    /** {@return the number in hexadecimal with 0x} */
    public static String show(long number) {
        return "0x" + Long.toHexString(number);
    }

    /** {@return the number as it is} */
    public static BigInteger toBigInteger(long number) {
        return new BigInteger(Long.toUnsignedString(number));
    }

    /** {@return the number in 64 bits} */
    public static long fromBigInteger(BigInteger number) {
        if (number.signum() < 0 || number.bitLength() > Long.SIZE) {
            throw new ArithmeticException(number + " is not an unsigned 64-bit number");
        }
        return number.longValue();
    }

    /** Compares as unsigned. */
    public static int compare(long left, long right) {
        return Long.compareUnsigned(left, right);
    }
}
