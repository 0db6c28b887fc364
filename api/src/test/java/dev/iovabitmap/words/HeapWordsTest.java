package dev.iovabitmap.words;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeapWordsTest {
    /** An array that long takes 16 GiB, which a test cannot have; its indices it can. */
    @Test
    void staysBelowTheEndOfTheLongestArray() {
        int last = Integer.MAX_VALUE - 10;
        assertEquals(last, HeapWords.nearest(last - 100, last));
        assertEquals(last, HeapWords.nearest(last - HeapWords.STRIP, last));
        assertEquals(HeapWords.STRIP, HeapWords.nearest(0, last));
        assertEquals(-3, HeapWords.nearest(0, -3), "an array that is shorter than a block");
    }
}
