package dev.iovabitmap.words;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Bits in a {@code long[]}, whose word {@code base} holds bit 0. Words in memory are little-endian by the bit layout, so
 * these loops serve only hosts that are.
 */
public final class HeapWords {
    /** Whether a {@code long} of this host has its bytes in the order of the bit layout. */
    public static final boolean USABLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private HeapWords() {}

    /**
     * Returns the array under a segment, if the loops here can work on it.
     *
     * @param data the segment
     * @return the array; null if the segment is not a writable one over a {@code long[]}, or starts inside an element
     */
    public static long @Nullable [] arrayOf(MemorySegment data) {
        if (!USABLE || data.isNative() || (data.address() & 7) != 0) {
            return null;
        }
        return data.heapBase().orElse(null) instanceof long[] words ? words : null;
    }

    /**
     * Returns the element that holds a segment's bit 0.
     *
     * @param data a segment that {@link #arrayOf} has an array of
     * @return the index
     */
    public static int baseOf(MemorySegment data) {
        return (int) (data.address() >>> 3);
    }

    /**
     * Sets bits, by one writer.
     *
     * @param words the array
     * @param base the element that holds bit 0
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void set(long[] words, int base, long firstBit, long lastBit) {
        int first = base + (int) (firstBit >>> 6);
        int last = base + (int) (lastBit >>> 6);
        // shift counts are taken modulo 64, so these are the bits from firstBit up, and up to lastBit, in their words
        long head = -1L << firstBit;
        long tail = -1L >>> ~lastBit;
        if (first == last) {
            words[first] |= head & tail;
            return;
        }
        words[first] |= head;
        for (int i = first + 1; i < last; i++) {
            words[i] = -1L;
        }
        words[last] |= tail;
    }

    /**
     * Sets bits, by any number of writers.
     *
     * @param words the array
     * @param base the element that holds bit 0
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void setAtomically(long[] words, int base, long firstBit, long lastBit) {
        int first = base + (int) (firstBit >>> 6);
        int last = base + (int) (lastBit >>> 6);
        for (int i = first; i <= last; i++) {
            long mask = (i == first ? -1L << firstBit : -1L) & (i == last ? -1L >>> ~lastBit : -1L);
            // also where the bits are set already: the write orders this thread's page before a reader that takes them
            long unused = (long) ELEMENT.getAndBitwiseOr(words, i, mask);
        }
    }

    /**
     * Clears bits while others set some.
     *
     * @param words the array
     * @param base the element that holds bit 0
     * @param firstBit the first bit
     * @param lastBit the last bit, inclusive
     */
    public static void clearAtomically(long[] words, int base, long firstBit, long lastBit) {
        int first = base + (int) (firstBit >>> 6);
        int last = base + (int) (lastBit >>> 6);
        for (int i = first; i <= last; i++) {
            long mask = (i == first ? -1L << firstBit : -1L) & (i == last ? -1L >>> ~lastBit : -1L);
            long unused = (long) ELEMENT.getAndBitwiseAnd(words, i, ~mask);
        }
    }

    /**
     * Finds the first word that is not of a value.
     *
     * @param words the array
     * @param base the element that is word 0
     * @param from the first word to look at
     * @param to the word to stop at, exclusive
     * @param value what to pass over
     * @return the word's index, {@code to} if there is none
     */
    public static long skip(long[] words, int base, long from, long to, long value) {
        int end = base + (int) to;
        int i = base + (int) from;
        while (i < end && words[i] == value) {
            i++;
        }
        return (long) i - base;
    }
}
