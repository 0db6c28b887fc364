package dev.iovabitmap.words;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Bits in a memory segment, of any alignment where a method does not say otherwise. Its first byte holds bit 0. */
public final class SegmentWords {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** There is no atomic access to a word that is not aligned, neither in hardware nor in java.lang.foreign. */
    private static final VarHandle ALIGNED =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private SegmentWords() {}

    /**
     * Returns whether the atomic methods work on a segment.
     *
     * @param data the segment
     * @return whether it is 8-byte aligned for certain
     */
    public static boolean isAligned(MemorySegment data) {
        return data.maxByteAlignment() >= Long.BYTES;
    }

    /**
     * Returns a word.
     *
     * @param data the words
     * @param index which
     * @return its value
     */
    public static long get(MemorySegment data, long index) {
        return data.get(WORD, index << 3);
    }

    /**
     * Sets bits of one word.
     *
     * @param data the words
     * @param index which
     * @param mask the bits
     */
    public static void or(MemorySegment data, long index, long mask) {
        data.set(WORD, index << 3, data.get(WORD, index << 3) | mask);
    }

    /**
     * Sets bits, by one writer.
     *
     * @param data the words
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void set(MemorySegment data, long firstBit, long lastBit) {
        long first = firstBit >>> 6;
        long last = lastBit >>> 6;
        // shift counts are taken modulo 64, so these are the bits from firstBit up, and up to lastBit, in their words
        long head = -1L << firstBit;
        long tail = -1L >>> ~lastBit;
        if (first == last) {
            or(data, first, head & tail);
            return;
        }
        or(data, first, head);
        for (long i = first + 1; i < last; i++) {
            data.set(WORD, i << 3, -1L);
        }
        or(data, last, tail);
    }

    /**
     * Clears bits, by one writer.
     *
     * @param data the words
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void clear(MemorySegment data, long firstBit, long lastBit) {
        long first = firstBit >>> 6;
        long last = lastBit >>> 6;
        for (long i = first; i <= last; i++) {
            data.set(WORD, i << 3, get(data, i) & ~mask(i, firstBit, lastBit));
        }
    }

    /**
     * Sets bits, by any number of writers.
     *
     * @param data the words, 8-byte aligned
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void setAtomically(MemorySegment data, long firstBit, long lastBit) {
        for (long i = firstBit >>> 6; i <= lastBit >>> 6; i++) {
            // also where the bits are set already: the write orders this thread's page before a reader that takes them
            long unused = (long) ALIGNED.getAndBitwiseOr(data, i << 3, mask(i, firstBit, lastBit));
        }
    }

    /**
     * Clears bits while others set some.
     *
     * @param data the words, 8-byte aligned
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void clearAtomically(MemorySegment data, long firstBit, long lastBit) {
        for (long i = firstBit >>> 6; i <= lastBit >>> 6; i++) {
            long unused = (long) ALIGNED.getAndBitwiseAnd(data, i << 3, ~mask(i, firstBit, lastBit));
        }
    }

    /**
     * Finds the first word that is not of a value.
     *
     * @param data the words
     * @param from the first word to look at
     * @param to the word to stop at, exclusive
     * @param value what to pass over
     * @return the word's index, {@code to} if there is none
     */
    public static long skip(MemorySegment data, long from, long to, long value) {
        long i = from;
        while (i < to && get(data, i) == value) {
            i++;
        }
        return i;
    }

    /** The part of the bits that lies in a word between the first and the last one. */
    private static long mask(long index, long firstBit, long lastBit) {
        long head = index == firstBit >>> 6 ? -1L << firstBit : -1L;
        long tail = index == lastBit >>> 6 ? -1L >>> ~lastBit : -1L;
        return head & tail;
    }
}
