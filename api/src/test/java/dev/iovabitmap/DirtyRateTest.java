package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DirtyRateTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void isPagesAndBytesPerSecond() {
        DirtyRate rate = new DirtyRate(500, 4096, Duration.ofMillis(250));
        assertEquals(2000, rate.pagesPerSecond());
        assertEquals(2000 * 4096, rate.bytesPerSecond());
    }

    @Test
    void anIntervalOfNothingIsZeroOrInfinite() {
        assertEquals(0, new DirtyRate(0, 4096, Duration.ZERO).bytesPerSecond());
        DirtyRate infinite = new DirtyRate(1, 4096, Duration.ZERO);
        assertEquals(Double.POSITIVE_INFINITY, infinite.bytesPerSecond());
        assertEquals(OptionalLong.empty(), infinite.rounds(1000, 1, SECOND));
        assertEquals(OptionalLong.of(0), infinite.rounds(0, 1, Duration.ZERO));
        assertEquals(OptionalLong.of(1), new DirtyRate(0, 4096, Duration.ZERO).rounds(1000, 1, Duration.ZERO));
    }

    @Test
    void theLargestNumbersDoNotOverflow() {
        DirtyRate rate = new DirtyRate(-1, 1L << 63, Duration.ofNanos(1));
        assertEquals(0x1p64 * 1e9, rate.pagesPerSecond(), 0x1p64);
        assertEquals(0x1p127 * 1e9, rate.bytesPerSecond(), 0x1p127);
        assertEquals(Duration.ofSeconds(Long.MAX_VALUE), rate.downtime(-1, 1));
        assertEquals(Duration.ofSeconds(Long.MAX_VALUE), rate.downtime(-1, Double.MIN_VALUE));
        assertEquals(OptionalLong.empty(), rate.rounds(-1, 1, SECOND));
        assertEquals(OptionalLong.empty(), rate.rounds(-1, Double.MIN_VALUE, SECOND));
        assertEquals(OptionalLong.of(0), rate.rounds(-1, Double.MAX_VALUE, SECOND));
        DirtyRate none = new DirtyRate(0, 1L << 63, SECOND);
        assertEquals(OptionalLong.of(1), none.rounds(-1, Double.MIN_VALUE, Duration.ZERO));
        assertEquals(0x1p63, new DirtyRate(Long.MIN_VALUE, 1, SECOND).pagesPerSecond());
        // between two doubles: halfway goes to the even one, above halfway up
        assertEquals(0x1p63, new DirtyRate(Long.MIN_VALUE + 1024, 1, SECOND).pagesPerSecond());
        assertEquals(0x1p63 + 2048, new DirtyRate(Long.MIN_VALUE + 1025, 1, SECOND).pagesPerSecond());
    }

    @Test
    void theDowntimeIsRoundedUp() {
        DirtyRate rate = new DirtyRate(1, 1, SECOND);
        assertEquals(Duration.ZERO, rate.downtime(0, 1000));
        assertEquals(Duration.ofNanos(333_333_334), rate.downtime(1, 3));
        assertEquals(Duration.ofSeconds(2), rate.downtime(2, 1));
        assertEquals(Duration.ofNanos(1), rate.downtime(1, 1e30));
    }

    @Test
    void aFasterGuestDoesNotConverge() {
        DirtyRate rate = new DirtyRate(100, 1, SECOND);
        assertEquals(OptionalLong.empty(), rate.rounds(1000, 100, SECOND));
        assertEquals(OptionalLong.empty(), rate.rounds(1000, 99, SECOND));
        assertEquals(OptionalLong.empty(), rate.rounds(1000, 200, Duration.ZERO));
        assertEquals(OptionalLong.of(0), rate.rounds(50, 50, SECOND));
    }

    /** A hair below the bandwidth it takes for ages, but it comes. */
    @Test
    void slowConvergenceIsANumber() {
        DirtyRate rate = new DirtyRate((1L << 53) - 1, 1, SECOND);
        long rounds = rate.rounds(-1, 0x1p53, Duration.ofNanos(1)).orElseThrow();
        assertTrue(rounds > 1L << 50, () -> "rounds " + rounds);
    }

    /** Each round is a multiplication, in numbers that do not round where it matters. */
    @Property
    void roundsAreWhatCountingThemGives(
            @ForAll @LongRange(min = 0, max = 1_000_000) long pages,
            @ForAll @LongRange(min = 0, max = 100_000_000) long left,
            @ForAll @IntRange(min = 0, max = 20) int shift,
            @ForAll @LongRange(min = 1, max = 1_000_000) long pagesSent,
            @ForAll @LongRange(min = 0, max = 10_000) long millis) {
        DirtyRate rate = new DirtyRate(pages, 1L << shift, SECOND);
        BigDecimal limit = BigDecimal.valueOf(millis).movePointLeft(3);
        BigDecimal shrink = BigDecimal.valueOf(pages).divide(BigDecimal.valueOf(pagesSent), MathContext.DECIMAL128);
        BigDecimal downtime = BigDecimal.valueOf(left).divide(BigDecimal.valueOf(pagesSent), MathContext.DECIMAL128);
        OptionalLong rounds = rate.rounds(left, pagesSent * 0x1p0 * (1L << shift), Duration.ofMillis(millis));
        long n = 0;
        BigDecimal after = downtime;
        while (after.compareTo(limit) > 0 && n < 400) {
            after = after.multiply(shrink, MathContext.DECIMAL128);
            n++;
            if (shrink.compareTo(BigDecimal.ONE) >= 0) {
                n = Long.MAX_VALUE;
                break;
            }
        }
        long expected = n;
        if (n == Long.MAX_VALUE || limit.signum() == 0 && left != 0 && pages != 0) {
            // a first round may do by itself only if what is left shrinks
            assertEquals(OptionalLong.empty(), rounds);
        } else if (n < 400) {
            assertTrue(
                    Math.abs(rounds.orElseThrow() - expected) <= (near(after, limit, shrink) ? 1 : 0),
                    () -> rounds + ", not " + expected);
        }
    }

    /** Whether the last or the next round hits the limit to 12 digits: then rounding may decide. */
    private static boolean near(BigDecimal after, BigDecimal limit, BigDecimal shrink) {
        BigDecimal before = shrink.signum() == 0 ? after : after.divide(shrink, MathContext.DECIMAL128);
        return equal(after, limit) || equal(before, limit);
    }

    private static boolean equal(BigDecimal a, BigDecimal b) {
        MathContext digits = new MathContext(12, RoundingMode.HALF_UP);
        return a.round(digits).compareTo(b.round(digits)) == 0;
    }

    @Test
    void exactPowersAreCountedExactly() {
        DirtyRate half = new DirtyRate(500, 1, SECOND);
        for (int n = 0; n < 40; n++) {
            assertEquals(OptionalLong.of(n), half.rounds(1000L << n, 1000, SECOND), "2^" + n);
        }
        DirtyRate tenth = new DirtyRate(100, 1, SECOND);
        long left = 1000;
        for (int n = 0; n < 12; n++, left *= 10) {
            assertEquals(OptionalLong.of(n), tenth.rounds(left, 1000, SECOND), "10^" + n);
        }
    }

    @Test
    void refusesWhatIsNoRate() {
        assertThrows(IllegalArgumentException.class, () -> new DirtyRate(1, 3, SECOND));
        assertThrows(IllegalArgumentException.class, () -> new DirtyRate(1, 0, SECOND));
        assertThrows(IllegalArgumentException.class, () -> new DirtyRate(1, 1, SECOND.negated()));
        assertThrows(NullPointerException.class, () -> new DirtyRate(1, 1, null));
        DirtyRate rate = new DirtyRate(1, 1, SECOND);
        for (double none : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, -0.0}) {
            assertThrows(IllegalArgumentException.class, () -> rate.downtime(1, none));
            assertThrows(IllegalArgumentException.class, () -> rate.rounds(1, none, SECOND));
        }
        assertThrows(IllegalArgumentException.class, () -> rate.rounds(1, 1, SECOND.negated()));
    }
}
