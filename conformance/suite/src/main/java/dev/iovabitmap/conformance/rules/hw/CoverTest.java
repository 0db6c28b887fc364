package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Numbers;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;

/**
 * Covering ranges by fewer ones, against a model that works the other way round: it lists the gaps between the ranges, keeps
 * the widest and cuts the hull there.
 */
@AddLifecycleHook(Seeded.class)
public class CoverTest {
    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

    private record Gap(BigInteger first, BigInteger end) {
        BigInteger width() {
            return end.subtract(first);
        }
    }

    @Property(tries = 500)
    @Verifies("HW-7")
    void anywhere(
            @ForAll @Size(min = 1, max = 12) List<Long> numbers,
            @ForAll @IntRange(min = 0, max = 24) int shift,
            @ForAll @IntRange(min = 1, max = 12) int limit) {
        List<IovaRange> ranges = new ArrayList<>();
        for (long number : numbers) {
            long room = -number; // up to the end of the space; 0 for all of it
            long length = 1 + U64.remainder(number * 0x9e3779b97f4a7c15L, 1L << 40);
            ranges.add(new IovaRange(number, room != 0 && U64.compare(length, room) > 0 ? room : length));
        }
        check(ranges, 1L << shift, limit);
    }

    /** Close together, so that pages are shared, ranges overlap, and many gaps are of the same size. */
    @Property(tries = 500)
    @Verifies("HW-7")
    void closeTogether(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 4000) Integer> places,
            @ForAll(supplier = Numbers.class) long base,
            @ForAll @IntRange(min = 0, max = 8) int shift,
            @ForAll @IntRange(min = 1, max = 40) int limit) {
        List<IovaRange> ranges = new ArrayList<>();
        for (int place : places) {
            long iova = base + place;
            long length = 1L + place % 17;
            long room = -iova;
            if (U64.compare(iova, base) >= 0) {
                ranges.add(new IovaRange(iova, room != 0 && U64.compare(length, room) > 0 ? room : length));
            }
        }
        check(ranges, 1L << shift, limit);
    }

    @Test
    @Verifies("HW-7")
    void edges() {
        check(List.of(), 4096, 1);
        check(List.of(new IovaRange(-1, 1)), 1, 1);
        check(List.of(new IovaRange(-1, 1), new IovaRange(0, 1)), 4096, 2);
        check(List.of(new IovaRange(-4096, 1), new IovaRange(0, 1), new IovaRange(1L << 63, 2)), 4096, 2);
        check(List.of(new IovaRange(4096, 4096), new IovaRange(0, 4096)), 4096, 8);
        check(List.of(new IovaRange(0, -1)), 1, 1);
        check(List.of(new IovaRange(4095, 2)), 4096, 1);
        check(List.of(new IovaRange(0, 1), new IovaRange(2, 1), new IovaRange(4, 1), new IovaRange(6, 1)), 1, 2);
        refused(List.of(new IovaRange(0, 0)), 4096, 1);
        refused(List.of(new IovaRange(-1, 2)), 4096, 1);
        refused(List.of(new IovaRange(0, 1)), 0, 1);
        refused(List.of(new IovaRange(0, 1)), 3, 1);
        refused(List.of(new IovaRange(0, 1)), 4096, 0);
        refused(List.of(new IovaRange(0, -1)), 2, 1); // the whole space has no length
        refused(List.of(new IovaRange(0, 1), new IovaRange(-1, 1)), 1, 1);
    }

    private static void refused(List<IovaRange> ranges, long pageSize, int limit) {
        List<IovaRange> actual;
        try {
            actual = Library.current().cover(ranges, pageSize, limit);
        } catch (IllegalArgumentException refused) {
            return;
        }
        throw new AssertionError(call(ranges, pageSize, limit) + " was not refused but is " + actual);
    }

    private static String call(List<IovaRange> ranges, long pageSize, int limit) {
        return "cover(" + ranges + ", " + U64.show(pageSize) + ", " + limit + ")";
    }

    private static void check(List<IovaRange> ranges, long pageSize, int limit) {
        List<Stretch> expected = model(ranges, U64.toBigInteger(pageSize), limit);
        if (expected.stream().anyMatch(Addresses.EVERYTHING::equals)) {
            refused(ranges, pageSize, limit);
            return;
        }
        List<Stretch> actual = Library.current().cover(ranges, pageSize, limit).stream()
                .map(range -> Addresses.stretch(range.iova(), range.length()))
                .toList();
        if (!actual.equals(expected)) {
            throw new AssertionError(call(ranges, pageSize, limit) + " is " + actual + ", not " + expected);
        }
    }

    private static List<Stretch> model(List<IovaRange> ranges, BigInteger page, int limit) {
        if (ranges.isEmpty()) {
            return List.of();
        }
        List<Gap> gaps = new ArrayList<>(List.of(new Gap(BigInteger.ZERO, SPACE)));
        for (IovaRange range : ranges) {
            Stretch bytes = Addresses.stretch(range.iova(), range.length());
            BigInteger first = bytes.first().divide(page).multiply(page);
            BigInteger end = bytes.last().divide(page).add(BigInteger.ONE).multiply(page);
            List<Gap> left = new ArrayList<>();
            for (Gap gap : gaps) {
                left.add(new Gap(gap.first(), gap.end().min(first)));
                left.add(new Gap(gap.first().max(end), gap.end()));
            }
            left.removeIf(gap -> gap.width().signum() <= 0);
            gaps = new ArrayList<>(left.stream().distinct().toList());
        }
        return cut(gaps, limit);
    }

    /** The gaps at the ends of the space stay; of the others the widest do, of equal ones the last. */
    private static List<Stretch> cut(List<Gap> gaps, int limit) {
        gaps.sort(Comparator.comparing(Gap::first));
        BigInteger first = BigInteger.ZERO;
        BigInteger end = SPACE;
        if (!gaps.isEmpty() && gaps.get(0).first().signum() == 0) {
            first = gaps.remove(0).end();
        }
        if (!gaps.isEmpty() && gaps.get(gaps.size() - 1).end().equals(SPACE)) {
            end = gaps.remove(gaps.size() - 1).first();
        }
        List<Gap> kept = gaps.stream()
                .sorted(Comparator.comparing(Gap::width)
                        .thenComparing(Gap::first)
                        .reversed())
                .limit(limit - 1L)
                .sorted(Comparator.comparing(Gap::first))
                .toList();
        List<Stretch> stretches = new ArrayList<>();
        for (Gap gap : kept) {
            stretches.add(new Stretch(first, gap.first().subtract(BigInteger.ONE)));
            first = gap.end();
        }
        stretches.add(new Stretch(first, end.subtract(BigInteger.ONE)));
        return stretches;
    }
}
