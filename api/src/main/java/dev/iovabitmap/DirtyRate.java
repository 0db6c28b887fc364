package dev.iovabitmap;

import dev.iovabitmap.words.Unsigned;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * How fast pages become dirty, and what that means for copying memory while it changes. There is no clock in here: the
 * caller measures.
 *
 * <p>The pages of an interval are those that became dirty in it, each once however often it was written. By rounds, that is
 * the {@link DirtyPages#count(IovaBitmapLayout, java.lang.foreign.MemorySegment) count} of what was marked since all marks were
 * taken, and the interval that since then. By looking without taking ({@link DirtyTracker} sessions can peek), it is the count
 * less the count at the last look. The longer the interval, the more writes hit pages that are dirty already: a rate over an
 * interval much longer than a round is too low for a forecast, and one over a much shorter interval is too high.
 *
 * <p>The forecast is the usual one: a round sends what is left at a constant bandwidth, and meanwhile pages become dirty at
 * this rate. So what is left shrinks by {@code bytesPerSecond() / bandwidth} from round to round. All arithmetic is in
 * {@code double}, so nothing overflows; results are good to about 15 digits.
 *
 * @param pages how many pages became dirty, unsigned
 * @param pageSize how many bytes a page has, unsigned, a power of two from 1 to 2^63
 * @param interval how long it took, not negative; of 0, see {@link #pagesPerSecond}
 */
public record DirtyRate(long pages, long pageSize, Duration interval) {
    /** From here on not every whole number is a double. */
    private static final double EXACT = 0x1p53;

    /** What is that much above a limit is on it, and was rounded. */
    private static final double SLACK = 1 + 1e-12;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException naming the argument and its value, if the page size is not a power of two, or the interval
     *     negative
     */
    public DirtyRate {
        if (!Unsigned.isPowerOfTwo(pageSize)) {
            throw new IllegalArgumentException(
                    "pageSize " + Unsigned.show(pageSize) + " is not a power of two from 1 to 2^63");
        }
        if (interval.isNegative()) {
            throw new IllegalArgumentException("interval " + interval + " is negative");
        }
    }

    /**
     * Returns the rate in pages.
     *
     * @return {@code pages / interval}; 0 if no page became dirty, however short the interval; positive infinity if some did in
     *     an interval of 0
     */
    public double pagesPerSecond() {
        return pages == 0 ? 0 : Unsigned.toDouble(pages) / seconds(interval);
    }

    /** {@return the rate in bytes, {@link #pagesPerSecond} times the page size} */
    public double bytesPerSecond() {
        return pagesPerSecond() * Unsigned.toDouble(pageSize);
    }

    /**
     * Returns how long the guest is stopped if it is stopped now, and what is left is sent: {@code pagesLeft * pageSize /
     * bandwidth}, rounded up to nanoseconds.
     *
     * @param pagesLeft how many pages are dirty, unsigned
     * @param bandwidth in bytes per second, positive
     * @return the time; {@link Long#MAX_VALUE} seconds if it is longer
     * @throws IllegalArgumentException if the bandwidth is not a positive number
     */
    public Duration downtime(long pagesLeft, double bandwidth) {
        double seconds = secondsToSend(pagesLeft, bandwidth);
        if (seconds >= Long.MAX_VALUE) {
            return Duration.ofSeconds(Long.MAX_VALUE);
        }
        long whole = (long) seconds;
        return Duration.ofSeconds(whole, (long) Math.ceil((seconds - whole) * 1e9));
    }

    /**
     * Returns after how many rounds so little is left that the guest can be stopped for it: the least {@code n} for which
     * {@code pagesLeft * pageSize / bandwidth * (bytesPerSecond() / bandwidth)^n} is not above the downtime.
     *
     * @param pagesLeft how many pages are dirty now, unsigned
     * @param bandwidth in bytes per second, positive
     * @param maxDowntime how long the guest may be stopped, not negative
     * @return how many rounds have to be sent before, 0 if none has; empty if copying does not converge, since pages become dirty
     *     as fast as they are sent, or faster, or since a downtime of 0 is asked for while pages become dirty
     * @throws IllegalArgumentException if the bandwidth is not a positive number, or the downtime negative
     */
    public OptionalLong rounds(long pagesLeft, double bandwidth, Duration maxDowntime) {
        if (maxDowntime.isNegative()) {
            throw new IllegalArgumentException("maxDowntime " + maxDowntime + " is negative");
        }
        double left = secondsToSend(pagesLeft, bandwidth);
        double limit = seconds(maxDowntime);
        double shrink = bytesPerSecond() / bandwidth;
        if (left <= limit) {
            return OptionalLong.of(0);
        }
        if (shrink == 0 || left * shrink <= limit) {
            return OptionalLong.of(1);
        }
        if (shrink >= 1 || limit == 0) {
            return OptionalLong.empty();
        }
        // all three are positive here, and no number below 1 has a logarithm of 0
        double exact = Math.log(limit / left) / Math.log(shrink);
        long rounds = (long) exact;
        // the quotient of two rounded logarithms may be a hair above a whole number, or below
        boolean enough = exact >= EXACT || left * Math.pow(shrink, (double) rounds) <= limit * SLACK;
        return OptionalLong.of(enough ? rounds : rounds + 1);
    }

    private double secondsToSend(long pagesLeft, double bandwidth) {
        if (!(bandwidth > 0 && bandwidth < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("bandwidth " + bandwidth + " is not a positive number");
        }
        return Unsigned.toDouble(pagesLeft) * Unsigned.toDouble(pageSize) / bandwidth;
    }

    private static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
