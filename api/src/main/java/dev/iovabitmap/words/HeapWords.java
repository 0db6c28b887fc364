package dev.iovabitmap.words;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bits in a {@code long[]}, whose word {@code base} holds bit 0. Words in memory are little-endian by the bit layout, so
 * these loops serve only hosts that are.
 */
public final class HeapWords {
    /** Whether a {@code long} of this host has its bytes in the order of the bit layout. */
    public static final boolean USABLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** How many words {@link #find} and {@link #dirty} look at together. */
    public static final int BLOCK = 8;

    /**
     * How many words {@link #find} looks at block by block, before it takes as many at once: a loop without an exit in the
     * middle, which the JIT turns into vectors.
     */
    static final int STRIP = 256;

    /**
     * From how many words on a range is filled by a loop of its own. The JIT unrolls and vectorises a loop for the lengths that
     * it has seen, and short ranges are what it sees most.
     */
    private static final int LONG_FILL = 64;

    /** The one class of the JDK's for segments over a {@code long[]}. */
    private static final Class<? extends MemorySegment> OF_LONGS =
            MemorySegment.ofArray(new long[0]).getClass();

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private HeapWords() {}

    /**
     * Returns the array under a segment, if the loops here can work on it.
     *
     * @param data the segment
     * @return the array; null if the segment is not a writable one over a {@code long[]}, or starts inside an element
     */
    public static long @Nullable [] arrayOf(MemorySegment data) {
        if (!USABLE || !OF_LONGS.isInstance(data) || (data.address() & 7) != 0) {
            return null;
        }
        // of a class that the JIT knows, so that it inlines the call and the Optional is never made
        return OF_LONGS.cast(data).heapBase().orElse(null) instanceof long[] words ? words : null;
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
        if (last - first > LONG_FILL) {
            fill(words, 0, first + 1, last, -1L);
        } else {
            for (int i = first + 1; i < last; i++) {
                words[i] = -1L;
            }
        }
        words[last] |= tail;
    }

    /**
     * Fills words with a value.
     *
     * @param words the array
     * @param base the element that is word 0
     * @param from the first word
     * @param to the word to stop at, exclusive
     * @param value the value
     */
    public static void fill(long[] words, int base, long from, long to, long value) {
        Arrays.fill(words, base + (int) from, base + (int) to, value);
    }

    /**
     * Counts the bits of words.
     *
     * @param words the array
     * @param base the first word
     * @param count how many words
     * @return how many bits are set
     */
    public static long count(long[] words, int base, int count) {
        long bits = 0;
        // not from base to its end: the JIT makes vectors of that loop as well, but they are slower
        for (int i = 0; i < count; i++) {
            bits += Long.bitCount(words[base + i]);
        }
        return bits;
    }

    /** Not {@link #count}: where this is inlined, of a loop from 0 on the JIT would make no vectors. */
    private static long countStrip(long[] words, int first) {
        long bits = 0;
        for (int i = first; i < first + STRIP; i++) {
            bits += Long.bitCount(words[i]);
        }
        return bits;
    }

    /**
     * Adds the bits of words to others.
     *
     * @param from the words to add
     * @param fromBase the first of them
     * @param into the words to add to
     * @param intoBase the first of them
     * @param count how many words
     */
    public static void merge(long[] from, int fromBase, long[] into, int intoBase, int count) {
        if (fromBase == intoBase) { // one index for both is what the JIT turns into vectors
            for (int i = fromBase; i < fromBase + count; i++) {
                into[i] |= from[i];
            }
        } else {
            for (int i = 0; i < count; i++) {
                into[intoBase + i] |= from[fromBase + i];
            }
        }
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
     * Returns a word that others may change, as it is now.
     *
     * @param words the array
     * @param index the element
     * @return its value
     */
    public static long getShared(long[] words, int index) {
        return (long) ELEMENT.getOpaque(words, index);
    }

    /**
     * Sets bits of one word, by any number of writers.
     *
     * @param words the array
     * @param index the element
     * @param mask the bits
     */
    public static void orAtomically(long[] words, int index, long mask) {
        long unused = (long) ELEMENT.getAndBitwiseOr(words, index, mask);
    }

    /**
     * Clears bits of one word while others set some.
     *
     * @param words the array
     * @param index the element
     * @param mask the bits
     */
    public static void clearWordAtomically(long[] words, int index, long mask) {
        long unused = (long) ELEMENT.getAndBitwiseAnd(words, index, ~mask);
    }

    /**
     * Finds the first word that does not have a value.
     *
     * <p>This is written out and so has more than 325 bytes of code, from which on the JIT inlines no method. Where it is used
     * there are more values than registers. Inlined there, it read the array's address from the stack for each word: 256
     * pages in 64 GiB took 68 us in most virtual machines, and 46 on its own.
     *
     * @param words the array
     * @param base the element that is word 0
     * @param from the word to begin with
     * @param to the word to stop at, exclusive, at least {@code from}
     * @param value the value, all zeros or all ones
     * @return that word; {@code to} if there is none
     */
    public static long find(long[] words, int base, long from, long to, long value) {
        int i = base + (int) from;
        int end = base + (int) to;
        int last = end - BLOCK;
        while (i <= last) {
            int near = nearest(i, last);
            if (value == 0) {
                while (i <= near
                        && (words[i]
                                        | words[i + 1]
                                        | words[i + 2]
                                        | words[i + 3]
                                        | words[i + 4]
                                        | words[i + 5]
                                        | words[i + 6]
                                        | words[i + 7])
                                == 0) {
                    i += BLOCK;
                }
            } else {
                while (i <= near
                        && (words[i]
                                        & words[i + 1]
                                        & words[i + 2]
                                        & words[i + 3]
                                        & words[i + 4]
                                        & words[i + 5]
                                        & words[i + 6]
                                        & words[i + 7])
                                == -1L) {
                    i += BLOCK;
                }
            }
            if (i <= near) {
                int other = bit(0, words[i] ^ value)
                        | bit(1, words[i + 1] ^ value)
                        | bit(2, words[i + 2] ^ value)
                        | bit(3, words[i + 3] ^ value)
                        | bit(4, words[i + 4] ^ value)
                        | bit(5, words[i + 5] ^ value)
                        | bit(6, words[i + 6] ^ value)
                        | bit(7, words[i + 7] ^ value);
                return (long) i - base + Integer.numberOfTrailingZeros(other);
            }
            while (end - i >= STRIP && countStrip(words, i) == (value & STRIP << 6)) {
                i += STRIP;
            }
        }
        while (i < end && words[i] == value) {
            i++;
        }
        return (long) i - base;
    }

    /**
     * Passes over words that are all ones, one by one. By {@code int}, in a loop of its own, the JIT checks the bounds once
     * and takes several words a round; by {@code long} it checked each.
     *
     * @param words the array
     * @param from the first element
     * @param to the element to stop at, exclusive
     * @return the first element that is not all ones; {@code to} if there is none
     */
    public static int passFull(long[] words, int from, int to) {
        int i = from;
        while (i < to && words[i] == -1L) {
            i++;
        }
        return i;
    }

    /** A strip further, but not beyond the last block; near the end of the longest array the sum would overflow. */
    static int nearest(int i, int last) {
        return last - i > STRIP ? i + STRIP : last;
    }

    /**
     * Tells which words of a block are not zero.
     *
     * @param words the array
     * @param first the first element of the block
     * @return bit k for the block's word k
     */
    public static int dirty(long[] words, int first) {
        return bit(0, words[first])
                | bit(1, words[first + 1])
                | bit(2, words[first + 2])
                | bit(3, words[first + 3])
                | bit(4, words[first + 4])
                | bit(5, words[first + 5])
                | bit(6, words[first + 6])
                | bit(7, words[first + 7]);
    }

    /** Bit {@code k} if the word is not zero, without a branch: a word or its negative has the top bit unless it is. */
    static int bit(int k, long word) {
        return (int) ((word | -word) >>> 63) << k;
    }
}
