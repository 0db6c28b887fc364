package dev.iovabitmap.words;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Bits in a memory segment, of any alignment where a method does not say otherwise. Its first byte holds bit 0. */
public final class SegmentWords {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** There is no atomic access to a word that is not aligned, neither in hardware nor in java.lang.foreign. */
    private static final VarHandle ALIGNED =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    // Which methods of a segment the JIT can inline it learns at each call in the JDK, from all callers together. Once
    // a JVM has worked on heap, native and mapped segments the mixture is all it knows, and every access becomes three
    // virtual calls. A cast to the class of segments off the heap, which is a constant here, tells it what it cannot
    // learn. It has to stand in the method that makes the access, or in the one that calls a method of a single
    // access: these are so small (at most 35 bytes of code) that the JIT inlines them wherever they are called. Each
    // comes twice, so that what another class of segment needs does not swell the code for the usual one.
    private static final Class<? extends MemorySegment> OFF_HEAP = MemorySegment.NULL.getClass();

    /** From how many words on a range is filled by the loop for long ones: see {@link HeapWords}. */
    private static final int LONG_FILL = 64;

    /** From how many words on a short range is copied from {@link #ONES}: one check, where each write has its own. */
    private static final int SHORT_COPY = 3;

    /** Words of all ones, as many as a range has that is not filled by the loop for long ones. */
    private static final long[] ONES = new long[LONG_FILL];

    /** How many words are filled in one loop that an int counts, which the JIT handles better than a long one. */
    private static final int STRIP = 1 << 20;

    /** How many words are merged at a time. */
    private static final int MERGE_BLOCK = 1024;

    /** A block that no merge is using, so that merging does not allocate; null while one is. */
    private static final AtomicReference<long @Nullable []> SPARE_BLOCK = new AtomicReference<>();

    static {
        Arrays.fill(ONES, -1L);
    }

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
        return OFF_HEAP.isInstance(data) ? getOffHeap(OFF_HEAP.cast(data), index << 3) : getElsewhere(data, index << 3);
    }

    private static long getOffHeap(MemorySegment words, long at) {
        return words.get(WORD, at);
    }

    private static long getElsewhere(MemorySegment words, long at) {
        return words.get(WORD, at);
    }

    private static void putAt(MemorySegment data, long at, long word) {
        if (OFF_HEAP.isInstance(data)) {
            putOffHeap(OFF_HEAP.cast(data), at, word);
        } else {
            putElsewhere(data, at, word);
        }
    }

    private static void putOffHeap(MemorySegment words, long at, long word) {
        words.set(WORD, at, word);
    }

    private static void putElsewhere(MemorySegment words, long at, long word) {
        words.set(WORD, at, word);
    }

    private static void orAt(MemorySegment data, long at, long mask) {
        if (OFF_HEAP.isInstance(data)) {
            orOffHeap(OFF_HEAP.cast(data), at, mask);
        } else {
            orElsewhere(data, at, mask);
        }
    }

    private static void orOffHeap(MemorySegment words, long at, long mask) {
        words.set(WORD, at, words.get(WORD, at) | mask);
    }

    private static void orElsewhere(MemorySegment words, long at, long mask) {
        words.set(WORD, at, words.get(WORD, at) | mask);
    }

    /**
     * Sets bits of one word.
     *
     * @param data the words
     * @param index which
     * @param mask the bits
     */
    public static void or(MemorySegment data, long index, long mask) {
        orAt(data, index << 3, mask);
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
            orAt(data, first << 3, head & tail);
            return;
        }
        orAt(data, first << 3, head);
        orAt(data, last << 3, tail);
        if (last - first > LONG_FILL) {
            fill(data, first + 1, last, -1L);
        } else if (last - first > 1) {
            fillShort(data, (first + 1) << 3, (int) (last - first - 1));
        }
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
        for (int k = 0; k < count; k++) {
            putAt(data, offset + ((long) k << 3), value);
        }
    }

    private static void fillShort(MemorySegment data, long at, int count) {
        if (count < SHORT_COPY) {
            for (int k = 0; k < count; k++) {
                putAt(data, at + ((long) k << 3), -1L);
            }
        } else if (OFF_HEAP.isInstance(data)) {
            MemorySegment.copy(ONES, 0, OFF_HEAP.cast(data), WORD, at, count);
        } else {
            MemorySegment.copy(ONES, 0, data, WORD, at, count);
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
     * Adds the bits of the first words to others, which are the same words or do not overlap them.
     *
     * @param from the words to add
     * @param into the words to add to
     * @param count how many words
     */
    public static void merge(MemorySegment from, MemorySegment into, long count) {
        // The JIT makes no vectors of a loop over two segments, since it cannot tell that they do not overlap. An array
        // overlaps no segment off the heap, so the words to add go through one, block by block, in the fastest cache.
        long[] spare = SPARE_BLOCK.getAndSet(null);
        long[] block = spare != null ? spare : new long[MERGE_BLOCK];
        try {
            for (long i = 0; i < count; i += MERGE_BLOCK) {
                int length = (int) Math.min(MERGE_BLOCK, count - i);
                MemorySegment.copy(from, WORD, i << 3, block, 0, length);
                mergeBlock(block, into, i << 3, length);
            }
        } finally {
            SPARE_BLOCK.set(block);
        }
    }

    private static void mergeBlock(long[] block, MemorySegment into, long offset, int length) {
        if (OFF_HEAP.isInstance(into)) {
            MemorySegment words = OFF_HEAP.cast(into);
            for (int k = 0; k < length; k++) {
                long at = offset + ((long) k << 3);
                words.set(WORD, at, words.get(WORD, at) | block[k]);
            }
        } else {
            for (int k = 0; k < length; k++) {
                orElsewhere(into, offset + ((long) k << 3), block[k]);
            }
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
            putAt(data, i << 3, get(data, i) & ~mask(i, firstBit, lastBit));
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
     * Returns a word that others may change, as it is now.
     *
     * @param data the words, 8-byte aligned
     * @param index which
     * @return its value
     */
    public static long getShared(MemorySegment data, long index) {
        return OFF_HEAP.isInstance(data)
                ? (long) ALIGNED.getOpaque(OFF_HEAP.cast(data), index << 3)
                : (long) ALIGNED.getOpaque(data, index << 3);
    }

    /**
     * Sets bits of one word, by any number of writers.
     *
     * @param data the words, 8-byte aligned
     * @param index which
     * @param mask the bits
     */
    public static void orAtomically(MemorySegment data, long index, long mask) {
        long unused = OFF_HEAP.isInstance(data)
                ? (long) ALIGNED.getAndBitwiseOr(OFF_HEAP.cast(data), index << 3, mask)
                : (long) ALIGNED.getAndBitwiseOr(data, index << 3, mask);
    }

    /**
     * Clears bits of one word while others set some.
     *
     * @param data the words, 8-byte aligned
     * @param index which
     * @param mask the bits
     */
    public static void clearWordAtomically(MemorySegment data, long index, long mask) {
        long unused = OFF_HEAP.isInstance(data)
                ? (long) ALIGNED.getAndBitwiseAnd(OFF_HEAP.cast(data), index << 3, ~mask)
                : (long) ALIGNED.getAndBitwiseAnd(data, index << 3, ~mask);
    }

    /**
     * Finds the first word that does not have a value, like {@link HeapWords#find}, and is written out like it. Each access
     * to a segment is so much for the JIT that with these inlined it gave up on what follows (NodeCountInliningCutoff).
     *
     * @param data the words
     * @param from the word to begin with
     * @param to the word to stop at, exclusive, at least {@code from}
     * @param value the value, all zeros or all ones
     * @return that word; {@code to} if there is none
     */
    public static long find(MemorySegment data, long from, long to, long value) {
        if (!OFF_HEAP.isInstance(data)) {
            return findElsewhere(data, from, to, value);
        }
        MemorySegment words = OFF_HEAP.cast(data);
        long i = from;
        long last = to - HeapWords.BLOCK;
        while (i <= last) {
            long near = Math.min(last, i + HeapWords.STRIP);
            if (value == 0) {
                while (i <= near
                        && (words.get(WORD, i << 3)
                                        | words.get(WORD, (i << 3) + 8)
                                        | words.get(WORD, (i << 3) + 16)
                                        | words.get(WORD, (i << 3) + 24)
                                        | words.get(WORD, (i << 3) + 32)
                                        | words.get(WORD, (i << 3) + 40)
                                        | words.get(WORD, (i << 3) + 48)
                                        | words.get(WORD, (i << 3) + 56))
                                == 0) {
                    i += HeapWords.BLOCK;
                }
            } else {
                while (i <= near
                        && (words.get(WORD, i << 3)
                                        & words.get(WORD, (i << 3) + 8)
                                        & words.get(WORD, (i << 3) + 16)
                                        & words.get(WORD, (i << 3) + 24)
                                        & words.get(WORD, (i << 3) + 32)
                                        & words.get(WORD, (i << 3) + 40)
                                        & words.get(WORD, (i << 3) + 48)
                                        & words.get(WORD, (i << 3) + 56))
                                == -1L) {
                    i += HeapWords.BLOCK;
                }
            }
            if (i <= near) {
                int other = HeapWords.bit(0, words.get(WORD, i << 3) ^ value)
                        | HeapWords.bit(1, words.get(WORD, (i << 3) + 8) ^ value)
                        | HeapWords.bit(2, words.get(WORD, (i << 3) + 16) ^ value)
                        | HeapWords.bit(3, words.get(WORD, (i << 3) + 24) ^ value)
                        | HeapWords.bit(4, words.get(WORD, (i << 3) + 32) ^ value)
                        | HeapWords.bit(5, words.get(WORD, (i << 3) + 40) ^ value)
                        | HeapWords.bit(6, words.get(WORD, (i << 3) + 48) ^ value)
                        | HeapWords.bit(7, words.get(WORD, (i << 3) + 56) ^ value);
                return i + Integer.numberOfTrailingZeros(other);
            }
            while (to - i >= HeapWords.STRIP && count(words, i, HeapWords.STRIP) == (value & HeapWords.STRIP << 6)) {
                i += HeapWords.STRIP;
            }
        }
        while (i < to && getOffHeap(words, i << 3) == value) {
            i++;
        }
        return i;
    }

    private static long findElsewhere(MemorySegment data, long from, long to, long value) {
        long i = from;
        while (i < to && getElsewhere(data, i << 3) == value) {
            i++;
        }
        return i;
    }

    /**
     * Passes over words that are all ones, one by one, like {@link HeapWords#passFull}.
     *
     * @param data the segment
     * @param from the first word
     * @param to the word to stop at, exclusive
     * @return the first word that is not all ones; {@code to} if there is none
     */
    public static long passFull(MemorySegment data, long from, long to) {
        return OFF_HEAP.isInstance(data)
                ? passFullOffHeap(OFF_HEAP.cast(data), from, to)
                : findElsewhere(data, from, to, -1L);
    }

    private static long passFullOffHeap(MemorySegment words, long from, long to) {
        long at = from;
        while (at < to && words.get(WORD, at << 3) == -1L) {
            at++;
        }
        return at;
    }

    /**
     * Tells which words of a block are not zero, or may be.
     *
     * @param data the words
     * @param first the first word of the block
     * @return bit k for the block's word k
     */
    public static int dirty(MemorySegment data, long first) {
        if (!OFF_HEAP.isInstance(data)) {
            return -1 >>> -HeapWords.BLOCK;
        }
        MemorySegment words = OFF_HEAP.cast(data);
        long at = first << 3;
        return HeapWords.bit(0, words.get(WORD, at))
                | HeapWords.bit(1, words.get(WORD, at + 8))
                | HeapWords.bit(2, words.get(WORD, at + 16))
                | HeapWords.bit(3, words.get(WORD, at + 24))
                | HeapWords.bit(4, words.get(WORD, at + 32))
                | HeapWords.bit(5, words.get(WORD, at + 40))
                | HeapWords.bit(6, words.get(WORD, at + 48))
                | HeapWords.bit(7, words.get(WORD, at + 56));
    }

    /** The part of the bits that lies in a word between the first and the last one. */
    private static long mask(long index, long firstBit, long lastBit) {
        long head = index == firstBit >>> 6 ? -1L << firstBit : -1L;
        long tail = index == lastBit >>> 6 ? -1L >>> ~lastBit : -1L;
        return head & tail;
    }
}
