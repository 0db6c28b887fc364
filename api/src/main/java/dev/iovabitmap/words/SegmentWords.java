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

    // Which methods of a segment the JIT can inline it learns at each call in the JDK, from all callers together. Once
    // a JVM has worked on heap, native and mapped segments the mixture is all it knows, and every access becomes three
    // virtual calls. A cast to the class of segments off the heap, which is a constant here, tells it what it cannot
    // learn. It has to stand in the method that makes the access: what is compiled on its own does not see the
    // caller's.
    private static final Class<? extends MemorySegment> OFF_HEAP = MemorySegment.NULL.getClass();

    private static final int LONG_FILL = 64;

    /** How many words are filled in one loop that an int counts, which the JIT handles better than a long one. */
    private static final int STRIP = 1 << 20;

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
        return OFF_HEAP.isInstance(data) ? OFF_HEAP.cast(data).get(WORD, index << 3) : data.get(WORD, index << 3);
    }

    private static void put(MemorySegment data, long index, long word) {
        if (OFF_HEAP.isInstance(data)) {
            OFF_HEAP.cast(data).set(WORD, index << 3, word);
        } else {
            data.set(WORD, index << 3, word);
        }
    }

    /**
     * Sets bits of one word.
     *
     * @param data the words
     * @param index which
     * @param mask the bits
     */
    public static void or(MemorySegment data, long index, long mask) {
        long at = index << 3;
        if (OFF_HEAP.isInstance(data)) {
            MemorySegment words = OFF_HEAP.cast(data);
            words.set(WORD, at, words.get(WORD, at) | mask);
        } else {
            data.set(WORD, at, data.get(WORD, at) | mask);
        }
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
        if (last - first > LONG_FILL) {
            fill(data, first + 1, last, -1L);
        } else {
            fillShort(data, first + 1, last);
        }
        or(data, last, tail);
    }

    /**
     * Fills words with a value.
     *
     * @param data the words
     * @param from the first word
     * @param to the word to stop at, exclusive
     * @param value the value
     */
    public static void fill(MemorySegment data, long from, long to, long value) {
        for (long i = from; i < to; i += STRIP) {
            fillStrip(data, i << 3, (int) Math.min(STRIP, to - i), value);
        }
    }

    private static void fillStrip(MemorySegment data, long offset, int count, long value) {
        if (OFF_HEAP.isInstance(data)) {
            MemorySegment words = OFF_HEAP.cast(data);
            for (int k = 0; k < count; k++) {
                words.set(WORD, offset + ((long) k << 3), value);
            }
        } else {
            for (int k = 0; k < count; k++) {
                data.set(WORD, offset + ((long) k << 3), value);
            }
        }
    }

    private static void fillShort(MemorySegment data, long from, long to) {
        if (OFF_HEAP.isInstance(data)) {
            MemorySegment words = OFF_HEAP.cast(data);
            for (long i = from; i < to; i++) {
                words.set(WORD, i << 3, -1L);
            }
        } else {
            for (long i = from; i < to; i++) {
                data.set(WORD, i << 3, -1L);
            }
        }
    }

    /**
     * Counts the bits of words.
     *
     * @param data the words
     * @param from the first word
     * @param count how many words
     * @return how many bits are set
     */
    public static long count(MemorySegment data, long from, long count) {
        long bits = 0;
        for (long i = from; i < from + count; i++) {
            bits += Long.bitCount(get(data, i));
        }
        return bits;
    }

    /**
     * Adds the bits of the first words to others.
     *
     * @param from the words to add
     * @param into the words to add to
     * @param count how many words
     */
    public static void merge(MemorySegment from, MemorySegment into, long count) {
        for (long i = 0; i < count; i++) {
            or(into, i, get(from, i));
        }
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
            put(data, i, get(data, i) & ~mask(i, firstBit, lastBit));
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
     * Passes over blocks whose words all have a value.
     *
     * @param data the words
     * @param from the first word of the first block
     * @param to the word to stop at, exclusive
     * @param value what to pass over, all zeros or all ones
     * @return the first word of the first block that has another word, or that is not whole; at most {@code to}
     */
    public static long skip(MemorySegment data, long from, long to, long value) {
        long i = from;
        long last = to - HeapWords.BLOCK;
        while (true) {
            long near = Math.min(last, i + HeapWords.STRIP);
            if (value == 0) {
                while (i <= near && anyOf(data, i) == 0) {
                    i += HeapWords.BLOCK;
                }
            } else {
                while (i <= near && allOf(data, i) == -1L) {
                    i += HeapWords.BLOCK;
                }
            }
            if (i <= near || i > last) {
                return i;
            }
            while (to - i >= HeapWords.STRIP && count(data, i, HeapWords.STRIP) == (value & HeapWords.STRIP << 6)) {
                i += HeapWords.STRIP;
            }
        }
    }

    private static long anyOf(MemorySegment data, long i) {
        long at = i << 3;
        if (!OFF_HEAP.isInstance(data)) {
            return data.get(WORD, at)
                    | data.get(WORD, at + 8)
                    | data.get(WORD, at + 16)
                    | data.get(WORD, at + 24)
                    | data.get(WORD, at + 32)
                    | data.get(WORD, at + 40)
                    | data.get(WORD, at + 48)
                    | data.get(WORD, at + 56);
        }
        MemorySegment words = OFF_HEAP.cast(data);
        return words.get(WORD, at)
                | words.get(WORD, at + 8)
                | words.get(WORD, at + 16)
                | words.get(WORD, at + 24)
                | words.get(WORD, at + 32)
                | words.get(WORD, at + 40)
                | words.get(WORD, at + 48)
                | words.get(WORD, at + 56);
    }

    private static long allOf(MemorySegment data, long i) {
        long at = i << 3;
        if (!OFF_HEAP.isInstance(data)) {
            return data.get(WORD, at)
                    & data.get(WORD, at + 8)
                    & data.get(WORD, at + 16)
                    & data.get(WORD, at + 24)
                    & data.get(WORD, at + 32)
                    & data.get(WORD, at + 40)
                    & data.get(WORD, at + 48)
                    & data.get(WORD, at + 56);
        }
        MemorySegment words = OFF_HEAP.cast(data);
        return words.get(WORD, at)
                & words.get(WORD, at + 8)
                & words.get(WORD, at + 16)
                & words.get(WORD, at + 24)
                & words.get(WORD, at + 32)
                & words.get(WORD, at + 40)
                & words.get(WORD, at + 48)
                & words.get(WORD, at + 56);
    }

    /**
     * Tells which words of a block do not have a value.
     *
     * @param data the words
     * @param first the first word of the block
     * @param value the value
     * @return bit k for the block's word k
     */
    public static long other(MemorySegment data, long first, long value) {
        long at = first << 3;
        if (!OFF_HEAP.isInstance(data)) {
            return -1L >>> -HeapWords.BLOCK; // any of them may
        }
        MemorySegment words = OFF_HEAP.cast(data);
        return HeapWords.bit(0, words.get(WORD, at) ^ value)
                | HeapWords.bit(1, words.get(WORD, at + 8) ^ value)
                | HeapWords.bit(2, words.get(WORD, at + 16) ^ value)
                | HeapWords.bit(3, words.get(WORD, at + 24) ^ value)
                | HeapWords.bit(4, words.get(WORD, at + 32) ^ value)
                | HeapWords.bit(5, words.get(WORD, at + 40) ^ value)
                | HeapWords.bit(6, words.get(WORD, at + 48) ^ value)
                | HeapWords.bit(7, words.get(WORD, at + 56) ^ value);
    }

    /** The part of the bits that lies in a word between the first and the last one. */
    private static long mask(long index, long firstBit, long lastBit) {
        long head = index == firstBit >>> 6 ? -1L << firstBit : -1L;
        long tail = index == lastBit >>> 6 ? -1L >>> ~lastBit : -1L;
        return head & tail;
    }
}
