package dev.iovabitmap.vfio.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportUnitsTest {
    private static final long PAGE = 4096;
    private static final long UNIT = PAGE << 24;

    private static IovaRange pages(long first, long count) {
        return new IovaRange(first * PAGE, count * PAGE);
    }

    @Test
    void leavesWhatFitsWhole() {
        assertEquals(List.of(pages(5, 1)), ReportUnits.ofLogged(pages(5, 1), PAGE));
        IovaRange whole = new IovaRange(5 * PAGE, UNIT);
        assertEquals(List.of(whole), ReportUnits.ofLogged(whole, PAGE));
    }

    @Test
    void cutsAtMultiplesOf64PagesFromTheStartOfTheRange() {
        IovaRange range = new IovaRange(5 * PAGE, 2 * UNIT + PAGE);
        assertEquals(
                List.of(
                        new IovaRange(5 * PAGE, UNIT),
                        new IovaRange(5 * PAGE + UNIT, UNIT),
                        new IovaRange(5 * PAGE + 2 * UNIT, PAGE)),
                ReportUnits.ofLogged(range, PAGE));
    }

    /** Rounding 254 pages up to 256 would pass 2^64; 192 is the largest multiple of 64 pages that can be asked for. */
    @Test
    void leavesOutWhatTheKernelWouldRoundUpBeyondTheTop() {
        assertEquals(List.of(pages(-255, 192)), ReportUnits.ofLogged(pages(-255, 254), PAGE));
        assertEquals(List.of(pages(-256, 255)), ReportUnits.ofLogged(pages(-256, 255), PAGE));
        assertEquals(List.of(), ReportUnits.ofLogged(pages(-63, 62), PAGE));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, 1L << 57, 1L << 58, 1L << 61, 1L << 62, Long.MIN_VALUE})
    void doesNotOverflowWhereGranulesAreHuge(long granule) {
        assertEquals(List.of(new IovaRange(0, granule)), ReportUnits.ofLogged(new IovaRange(0, granule), granule));
    }

    @Test
    void asksForNoMappingThatIsRoundedUpBeyondTheTop() {
        assertFalse(ReportUnits.isReportable(pages(-12, 11), PAGE));
        assertFalse(ReportUnits.isReportable(pages(-12, 12), PAGE));
        assertTrue(ReportUnits.isReportable(pages(-16, 11), PAGE));
        assertTrue(ReportUnits.isReportable(pages(-16, 16), PAGE));
        assertTrue(ReportUnits.isReportable(new IovaRange(0, Long.MIN_VALUE), Long.MIN_VALUE));
        assertFalse(ReportUnits.isReportable(new IovaRange(Long.MIN_VALUE, Long.MIN_VALUE), Long.MIN_VALUE));
    }

    @Test
    void countsTheBytesOfWholeWords() {
        assertEquals(8, ReportUnits.bitmapBytes(pages(3, 1), PAGE));
        assertEquals(8, ReportUnits.bitmapBytes(pages(3, 64), PAGE));
        assertEquals(16, ReportUnits.bitmapBytes(pages(3, 65), PAGE));
    }
}
