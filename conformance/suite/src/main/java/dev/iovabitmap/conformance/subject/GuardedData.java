package dev.iovabitmap.conformance.subject;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A bitmap's words between two guards, with a copy of what all of it should hold. Each check compares every byte, so that
 * a stray write is seen by whichever test provokes it.
 */
public final class GuardedData {
    /** How many bytes of guard are on each side; a multiple of 64, so that slicing keeps any alignment. */
    public static final int GUARD = 256;

    /** What the words hold before the test. */
    public enum Fill {
        /** Bits that stand for pages are 0; those above, and the guards, are a pattern. */
        CLEAN,
        /** The same with the inverse of the pattern. */
        CLEAN_INVERSE,
        /** The pattern everywhere. */
        DIRTY,
        /** The inverse of the pattern everywhere. */
        DIRTY_INVERSE
    }

    private final MemorySegment whole;
    private final MemorySegment data;
    private final byte[] expected;
    private final int bitCount;

    /**
     * Fills a segment.
     *
     * @param whole writable, the words and twice {@link #GUARD}
     * @param bitCount how many bits stand for pages
     * @param fill what to fill it with
     */
    public GuardedData(MemorySegment whole, int bitCount, Fill fill) {
        this.whole = whole;
        this.data = whole.asSlice(GUARD, whole.byteSize() - 2L * GUARD);
        this.bitCount = bitCount;
        this.expected = new byte[Math.toIntExact(whole.byteSize())];
        int flip = fill == Fill.CLEAN_INVERSE || fill == Fill.DIRTY_INVERSE ? 0xff : 0;
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) (0xa5 + 0x1d * i ^ flip);
        }
        if (fill == Fill.CLEAN || fill == Fill.CLEAN_INVERSE) {
            clearPages();
        }
        write();
    }

    /** Puts what is expected into the memory. */
    private void write() {
        MemorySegment.copy(expected, 0, whole, ValueLayout.JAVA_BYTE, 0, expected.length);
    }

    public MemorySegment data() {
        return data;
    }

    /** {@return whether a bit should be set} */
    public boolean bit(int bit) {
        return (expected[GUARD + bit / 8] >> bit % 8 & 1) != 0;
    }

    /** Expects a bit to be 1 from now on. */
    public void setBit(int bit) {
        expected[GUARD + bit / 8] |= (byte) (1 << bit % 8);
    }

    /** Expects a bit to be 0 from now on. */
    public void clearBit(int bit) {
        expected[GUARD + bit / 8] &= (byte) ~(1 << bit % 8);
    }

    /** Expects bits to be 1 from now on. */
    public void setBits(int first, int last) {
        int wholeFrom = Math.min((first + 7) & ~7, last + 1);
        int wholeTo = Math.max(wholeFrom, (last + 1) & ~7);
        for (int bit = first; bit < wholeFrom; bit++) {
            setBit(bit);
        }
        Arrays.fill(expected, GUARD + wholeFrom / 8, GUARD + wholeTo / 8, (byte) 0xff);
        for (int bit = wholeTo; bit <= last; bit++) {
            setBit(bit);
        }
    }

    /** Expects each page to be dirty from now on that is dirty now: more may be reported than was written. */
    public void allowMarked() {
        for (int at = 0; at < bitCount / 8; at++) {
            expected[GUARD + at] |= data.get(ValueLayout.JAVA_BYTE, at);
        }
        for (int bit = bitCount & ~7; bit < bitCount; bit++) {
            if ((data.get(ValueLayout.JAVA_BYTE, bit / 8) >> bit % 8 & 1) != 0) {
                setBit(bit);
            }
        }
    }

    /** Clears all pages in the memory as in the expectation: what the owner of the words does with dirt that was sent. */
    public void wipe() {
        clearPages();
        write();
    }

    /** Sets or clears a bit in the memory as in the expectation: what some earlier tracking left. */
    public void plant(int bit, boolean value) {
        if (value) {
            setBit(bit);
        } else {
            clearBit(bit);
        }
        int at = GUARD + bit / 8;
        whole.set(ValueLayout.JAVA_BYTE, at, expected[at]);
    }

    /** Expects no page to be dirty from now on. */
    public void clearPages() {
        Arrays.fill(expected, GUARD, GUARD + bitCount / 8, (byte) 0);
        for (int bit = bitCount & ~7; bit < bitCount; bit++) {
            clearBit(bit);
        }
    }

    /** {@return how many bits that stand for pages should be set} */
    public int count() {
        int count = 0;
        for (int bit = 0; bit < bitCount; bit++) {
            count += bit(bit) ? 1 : 0;
        }
        return count;
    }

    /**
     * Compares the memory with what is expected.
     *
     * @param inputs what led here, for the message: one or more lines
     * @throws AssertionError at the first difference
     */
    public void check(Object inputs) {
        long at = whole.mismatch(MemorySegment.ofArray(expected));
        if (at >= 0) {
            throw new AssertionError(describe(Math.toIntExact(at), inputs));
        }
    }

    private String describe(int at, Object inputs) {
        byte[] actual = whole.toArray(ValueLayout.JAVA_BYTE);
        int bitOfByte = Integer.numberOfTrailingZeros(expected[at] ^ actual[at]);
        long bit = 8L * (at - GUARD) + bitOfByte;
        long word = Math.floorDiv(bit, 64L);
        int wordBit = (int) Math.floorMod(bit, 64L);
        String place = bit < 0
                ? " in front of the data"
                : bit >= 8 * data.byteSize() ? " behind the data" : bit >= bitCount ? ", which stands for no page" : "";
        boolean wanted = (expected[at] >> bitOfByte & 1) != 0;
        StringBuilder text =
                new StringBuilder("bit " + bit + place + " is " + (wanted ? "0, not 1" : "1, not 0") + "\n");
        text.append(inputs).append('\n');
        text.append("word ").append(word).append(", bit ").append(wordBit).append(" of the word:\n");
        String expectedWord = hex(expected, word);
        text.append("  expected ").append(mark(expectedWord, wordBit)).append('\n');
        text.append("  actual   ").append(mark(hex(actual, word), wordBit)).append('\n');
        int shown = 0;
        int words = (expected.length - GUARD) / 8;
        for (long next = word + 1; next < words && shown < 3; next++) {
            String other = hex(actual, next);
            if (!other.equals(hex(expected, next))) {
                text.append("word ").append(next).append(": expected ").append(hex(expected, next));
                text.append(", actual ").append(other).append('\n');
                shown++;
            }
        }
        return text.toString().stripTrailing();
    }

    /** Puts brackets around the digit that has the bit. */
    private static String mark(String word, int bit) {
        int digit = word.length() - 1 - bit / 4;
        return word.substring(0, digit) + "[" + word.charAt(digit) + "]" + word.substring(digit + 1);
    }

    private static String hex(byte[] bytes, long word) {
        StringBuilder digits = new StringBuilder("0x");
        for (int i = 7; i >= 0; i--) { // the last guard may end inside of a word
            int at = Math.toIntExact(GUARD + word * 8L + i);
            digits.append(at < bytes.length ? String.format("%02x", bytes[at]) : "--");
        }
        return digits.toString();
    }
}
