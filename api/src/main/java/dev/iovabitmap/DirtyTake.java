package dev.iovabitmap;

import dev.iovabitmap.words.HeapWords;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Moves bits from words to others while any number of threads changes either. Each word is cleared before its bits are set on
 * the other side: the other way round, a page that is marked again in between would be marked on the other side already, and
 * if a third thread drained it there at that moment, the mark would be gone.
 *
 * <p>So for a moment a bit is in neither. What was seen in a word is noted before the word is cleared, and no bit is cleared
 * that is not noted. If anything throws, all that is noted is marked again; what had arrived as well is then in both.
 */
final class DirtyTake {
    /** How many words are moved, and so noted, at a time. */
    private static final int STRIP = 64;

    /** Notes that no call is using, so that taking does not allocate; null while one is. */
    private static final AtomicReference<long @Nullable []> SPARE_NOTES = new AtomicReference<>();

    private DirtyTake() {}

    /** Moves the bits of a layout. Both are writable, 8-byte aligned, large enough, and do not overlap. */
    static void move(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
        long @Nullable [] fromArray = HeapWords.arrayOf(from);
        long @Nullable [] intoArray = HeapWords.arrayOf(into);
        long last = layout.wordCount() - 1;
        long lastMask = -1L >>> -layout.bitCount();
        long[] spare = SPARE_NOTES.getAndSet(null);
        long[] notes = spare != null ? spare : new long[STRIP];
        try {
            for (long first = next(fromArray, from, 0, last); first <= last; ) {
                int count = (int) Math.min(STRIP, last - first + 1);
                moveStrip(fromArray, from, intoArray, into, first, count, last, lastMask, notes);
                first = next(fromArray, from, first + count, last);
            }
        } finally {
            SPARE_NOTES.set(notes);
        }
    }

    private static void moveStrip(
            long @Nullable [] fromArray,
            MemorySegment from,
            long @Nullable [] intoArray,
            MemorySegment into,
            long first,
            int count,
            long last,
            long lastMask,
            long[] notes) {
        Arrays.fill(notes, 0);
        boolean moved = false;
        try {
            for (int k = 0; k < count; k++) {
                long index = first + k;
                long bits = get(fromArray, from, index) & (index == last ? lastMask : -1L);
                if (bits != 0) {
                    notes[k] = bits;
                    clear(fromArray, from, index, bits);
                    or(intoArray, into, index, bits);
                }
            }
            settle(from, into);
            moved = true;
        } finally {
            for (int k = 0; !moved && k < count; k++) {
                if (notes[k] != 0) {
                    or(fromArray, from, first + k, notes[k]);
                }
            }
        }
    }

    /**
     * Waits for the error of a mapped file that has lost its memory. The JVM throws it when compiled code next stops to look,
     * which may be after the loop; a call of native code looks. In all tries so far the error came in time without it, so no
     * test fails if this is gone.
     */
    private static void settle(MemorySegment from, MemorySegment into) {
        if (from.isMapped() || into.isMapped()) {
            boolean unused = Thread.holdsLock(SPARE_NOTES);
        }
    }

    /** Finds the next word that has a bit. Returns an index after the last if none has. */
    private static long next(long @Nullable [] array, MemorySegment data, long index, long last) {
        if (index > last) {
            return index;
        }
        return array != null
                ? HeapWords.find(array, HeapWords.baseOf(data), index, last + 1, 0L)
                : SegmentWords.find(data, index, last + 1, 0L);
    }

    private static long get(long @Nullable [] array, MemorySegment data, long index) {
        return array != null
                ? HeapWords.getShared(array, HeapWords.baseOf(data) + (int) index)
                : SegmentWords.getShared(data, index);
    }

    private static void or(long @Nullable [] array, MemorySegment data, long index, long bits) {
        if (array != null) {
            HeapWords.orAtomically(array, HeapWords.baseOf(data) + (int) index, bits);
        } else {
            SegmentWords.orAtomically(data, index, bits);
        }
    }

    private static void clear(long @Nullable [] array, MemorySegment data, long index, long bits) {
        if (array != null) {
            HeapWords.clearWordAtomically(array, HeapWords.baseOf(data) + (int) index, bits);
        } else {
            SegmentWords.clearWordAtomically(data, index, bits);
        }
    }
}
