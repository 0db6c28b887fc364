package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IovaRangeTest {
    private static final long PAGE = 4096;

    /** The pages that are not negative count from 0, the others down from 2^64. */
    private static IovaRange pages(long first, long count) {
        return new IovaRange(first * PAGE, count * PAGE);
    }

    @Test
    void alignsOutAndMergesWhatThenTouches() {
        List<IovaRange> ranges =
                List.of(new IovaRange(3 * PAGE + 1, 1), new IovaRange(10, 20), new IovaRange(PAGE + 5, PAGE));
        assertEquals(List.of(pages(0, 4)), IovaRange.cover(ranges, PAGE, 10));
    }

    @Test
    void closesTheFirstOfTheSmallestGaps() {
        List<IovaRange> ranges = List.of(pages(0, 1), pages(3, 1), pages(6, 1), pages(8, 1), pages(10, 1));
        assertEquals(ranges, IovaRange.cover(ranges, PAGE, 5));
        assertEquals(List.of(pages(0, 1), pages(3, 1), pages(6, 3), pages(10, 1)), IovaRange.cover(ranges, PAGE, 4));
        assertEquals(List.of(pages(0, 1), pages(3, 1), pages(6, 5)), IovaRange.cover(ranges, PAGE, 3));
        assertEquals(List.of(pages(0, 4), pages(6, 5)), IovaRange.cover(ranges, PAGE, 2));
        assertEquals(List.of(pages(0, 11)), IovaRange.cover(ranges, PAGE, 1));
    }

    @Test
    void comparesGapsAndAddressesUnsigned() {
        List<IovaRange> ranges = List.of(pages(-2, 2), pages(0, 1), pages(16, 1));
        assertEquals(List.of(pages(0, 17), pages(-2, 2)), IovaRange.cover(ranges, PAGE, 2));
        var refusal = assertThrows(IllegalArgumentException.class, () -> IovaRange.cover(ranges, PAGE, 1));
        assertEquals(
                "the ranges can only be covered by the whole space, 2^64 bytes, whose length cannot be expressed",
                refusal.getMessage());
    }

    @Test
    void keepsWhatIsInsideAnother() {
        assertEquals(List.of(pages(0, 9)), IovaRange.cover(List.of(pages(0, 9), pages(2, 1)), PAGE, 1));
        assertEquals(List.of(pages(-3, 3)), IovaRange.cover(List.of(pages(-3, 3), pages(-2, 1)), PAGE, 7));
        assertEquals(List.of(), IovaRange.cover(List.of(), PAGE, 1));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 4096, 1", "-4096, 4097, 4096, 1", "0, 1, 3, 1", "0, 1, 0, 1", "0, 1, 4096, 0"})
    void refusesWhatIsNone(long iova, long length, long pageSize, int limit) {
        assertThrows(
                IllegalArgumentException.class,
                () -> IovaRange.cover(List.of(new IovaRange(iova, length)), pageSize, limit));
    }

    @Test
    void intersects() {
        assertEquals(Optional.of(pages(3, 2)), pages(0, 5).intersection(pages(3, 9)));
        assertEquals(Optional.of(pages(-1, 1)), pages(-3, 3).intersection(pages(-1, 1)));
        assertEquals(Optional.empty(), pages(0, 3).intersection(pages(3, 1)));
        assertEquals(Optional.empty(), pages(0, 3).intersection(pages(1, 0)));
        assertEquals(Optional.empty(), pages(0, 0).intersection(pages(0, 1)));
        assertEquals(Optional.empty(), pages(-1, 1).intersection(pages(0, 1)));
    }

    @Test
    void contains() {
        assertTrue(pages(-3, 3).contains(pages(-3, 3)));
        assertTrue(pages(0, 3).contains(new IovaRange(3 * PAGE - 1, 1)));
        assertFalse(pages(0, 3).contains(new IovaRange(3 * PAGE - 1, 2)));
        assertFalse(pages(1, 3).contains(pages(0, 2)));
        assertFalse(pages(0, 0).contains(pages(0, 1)));
        assertFalse(pages(0, 9).contains(pages(2, -1)));
        assertEquals(-1, pages(-3, 3).lastIova());
    }
}
