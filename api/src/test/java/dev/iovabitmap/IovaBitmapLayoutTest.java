package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IovaBitmapLayoutTest {
    private static final long K = 1024;
    private static final long G = K * K * K;

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 4095, 12288, -1, Long.MAX_VALUE, Long.MIN_VALUE + 1})
    void refusesAPageSizeThatIsNoPowerOfTwo(long pageSize) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new IovaBitmapLayout(0, 4096, pageSize));
        assertEquals(
                "pageSize " + Long.toUnsignedString(pageSize) + " (0x" + Long.toHexString(pageSize)
                        + ") is not a power of two from 1 to 2^63",
                refusal.getMessage());
    }

    @Test
    void refusesLengthZero() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new IovaBitmapLayout(4096, 0, 4096));
        assertTrue(refusal.getMessage().startsWith("length 0"), refusal::getMessage);
    }

    @Test
    void refusesARangeThatWraps() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new IovaBitmapLayout(-4096, 4097, 4096));
        assertEquals(
                "length 4097 (0x1001) from iova 18446744073709547520 (0xfffffffffffff000) wraps: the last address would be"
                        + " beyond 2^64 - 1",
                refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new IovaBitmapLayout(2, -1, 1));
    }

    @Test
    void acceptsARangeThatEndsAtTheTop() {
        assertEquals(-1L, new IovaBitmapLayout(-4096, 4096, 4096).lastIova());
        assertEquals(-1L, new IovaBitmapLayout(1, -1, 1).lastIova());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 4096, 1, 1, 8",
        "4096, 4096, 1, 1, 8",
        "4097, 4096, 2, 1, 8",
        "262144, 4096, 64, 1, 8",
        "262145, 4096, 65, 2, 16",
        "-1, 1, -1, 288230376151711744, 2305843009213693952",
        "-1, -9223372036854775808, 2, 1, 8",
        "-9223372036854775808, -9223372036854775808, 1, 1, 8",
    })
    void countsBitsWordsAndBytes(long length, long pageSize, long bits, long words, long bytes) {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, length, pageSize);
        assertAll(
                () -> assertEquals(bits, layout.bitCount()),
                () -> assertEquals(words, layout.wordCount()),
                () -> assertEquals(bytes, layout.byteSize()));
    }

    @Test
    void countsBitsFromTheBaseAsGiven() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0x1234, 3 * 4096, 4096);
        assertEquals(0, layout.bitOf(0x1234));
        assertEquals(0, layout.bitOf(0x2233));
        assertEquals(1, layout.bitOf(0x2234));
        assertEquals(0x2234, layout.iovaOf(1));
    }

    @Test
    void reachesTheTopOfTheSpace() {
        IovaBitmapLayout layout = new IovaBitmapLayout(-8192, 8192, 4096);
        assertEquals(1, layout.bitOf(-1));
        assertEquals(-4096, layout.iovaOf(1));
        IovaBitmapLayout bytes = new IovaBitmapLayout(1, -1, 1);
        assertEquals(-2L, bytes.bitOf(-1));
        assertEquals(-1L, bytes.iovaOf(-2L));
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.iovaOf(-1L));
    }

    @Test
    void refusesAddressesAndBitsOutside() {
        IovaBitmapLayout layout = new IovaBitmapLayout(4096, 8192, 4096);
        assertThrows(IndexOutOfBoundsException.class, () -> layout.bitOf(4095));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.bitOf(12288));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.iovaOf(2));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.iovaOf(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.lengthOf(0, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.lengthOf(1, 0));
    }

    @Test
    void cutsTheLastPageToTheRange() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 4097, 4096);
        assertEquals(4096, layout.lengthOf(0, 0));
        assertEquals(1, layout.lengthOf(1, 1));
        assertEquals(4097, layout.lengthOf(0, 1));
        assertEquals(-1L, new IovaBitmapLayout(1, -1, 1L << 63).lengthOf(0, 1));
    }

    @Test
    void containsTheEmptyRangeUpToTheEnd() {
        IovaBitmapLayout layout = new IovaBitmapLayout(-4096, 4096, 4096);
        assertTrue(layout.contains(-4096, 0));
        assertTrue(layout.contains(-1, 0));
        assertTrue(layout.contains(0, 0), "one behind the last, which is 0 modulo 2^64");
        assertFalse(layout.contains(1, 0));
        assertFalse(layout.contains(-4097, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 8192, true",
        "4095, 2, false",
        "12287, 1, true",
        "12287, 2, false",
        "4096, -1, false",
        "-1, 4098, false"
    })
    void containsOnlyWhatIsWhollyInside(long iova, long length, boolean inside) {
        assertEquals(inside, new IovaBitmapLayout(4096, 8192, 4096).contains(iova, length));
    }

    @Test
    void tilesTheKernelsExample() {
        IovaBitmapLayout layout = new IovaBitmapLayout(4 * G, 124 * G, 4096);
        assertEquals(2, layout.windowCount(0, 4096));
        assertEquals(4 * G, layout.windowIova(0, 0, 4096));
        assertEquals(64 * G, layout.windowLength(0, 0, 4096));
        assertEquals(68 * G, layout.windowIova(1, 0, 4096));
        assertEquals(60 * G, layout.windowLength(1, 0, 4096));
    }

    @Test
    void shortensTheFirstWindowByTheOffsetOfTheData() {
        IovaBitmapLayout layout = new IovaBitmapLayout(4 * G, 124 * G, 4096);
        assertEquals(68719214592L, layout.windowLength(0, 8, 4096));
        assertEquals(64424771584L, layout.windowLength(1, 8, 4096));
    }

    @Test
    void windowsOfLargerBasePages() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 32L * 1024 * G, 4096);
        assertEquals(2, layout.windowCount(0, 64 * K));
        assertEquals(3, layout.windowCount(1, 64 * K));
        assertEquals(16L * 1024 * G, layout.windowLength(1, 0, 64 * K));
        assertEquals(512, layout.windowCount(0, 4 * K));
        assertEquals(32, layout.windowCount(0, 16 * K));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 4", "0, 4097", "0, 2147483648", "4096, 4096", "-1, 4096", "0, -9223372036854775808"})
    void refusesAWindowingThatIsNone(long pageOffset, long basePageSize) {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 4096, 4096);
        assertThrows(IllegalArgumentException.class, () -> layout.windowCount(pageOffset, basePageSize));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void refusesAWindowThatIsNotThere(long index) {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 4096, 4096);
        assertThrows(IndexOutOfBoundsException.class, () -> layout.windowIova(index, 0, 4096));
        assertThrows(IndexOutOfBoundsException.class, () -> layout.windowLength(index, 0, 4096));
    }

    @Test
    void showsAddressesInHex() {
        assertEquals(
                "IovaBitmapLayout[iova=0xfffffffffffff000, length=0x1000, pageSize=0x800]",
                new IovaBitmapLayout(-4096, 4096, 2048).toString());
        assertEquals("IovaRange[iova=0xffffffffffffffff, length=0x1]", new IovaRange(-1, 1).toString());
    }
}
