package dev.iovabitmap;

import dev.iovabitmap.words.Unsigned;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Covers ranges by fewer ones. All arithmetic is on first and last addresses, inclusive, so that the top of the space fits. */
final class RangeCover {
    private record Span(long first, long last) {
        static Span of(IovaRange range, long pageSize) {
            if (range.length() == 0 || Unsigned.less(range.lastIova(), range.iova())) {
                throw new IllegalArgumentException(range + " is empty or wraps");
            }
            return new Span(range.iova() & -pageSize, range.lastIova() | (pageSize - 1));
        }

        boolean touches(Span next) {
            return last == -1L || !Unsigned.less(last + 1, next.first);
        }

        Span with(Span next) {
            return new Span(first, Unsigned.max(last, next.last));
        }

        IovaRange toRange() {
            if (first == 0 && last == -1L) {
                throw new IllegalArgumentException(
                        "the ranges can only be covered by the whole space, 2^64 bytes, whose length cannot be expressed");
            }
            return new IovaRange(first, last - first + 1);
        }
    }

    private RangeCover() {}

    static List<IovaRange> of(List<IovaRange> ranges, long pageSize, int limit) {
        if (!Unsigned.isPowerOfTwo(pageSize)) {
            throw new IllegalArgumentException(
                    "pageSize " + Unsigned.show(pageSize) + " is not a power of two from 1 to 2^63");
        }
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is below 1");
        }
        List<Span> spans = merged(ranges, pageSize);
        BitSet closed = smallestGaps(spans, spans.size() - limit);
        List<Span> result = new ArrayList<>();
        for (int i = 0; i < spans.size(); i++) {
            append(result, spans.get(i), i > 0 && closed.get(i - 1));
        }
        return result.stream().map(Span::toRange).toList();
    }

    private static List<Span> merged(List<IovaRange> ranges, long pageSize) {
        List<Span> merged = new ArrayList<>();
        ranges.stream()
                .map(range -> Span.of(range, pageSize))
                .sorted(Comparator.comparing(Span::first, Unsigned::compare))
                .forEach(span -> append(
                        merged, span, !merged.isEmpty() && merged.getLast().touches(span)));
        return merged;
    }

    private static void append(List<Span> spans, Span span, boolean toTheLast) {
        if (toTheLast) {
            spans.set(spans.size() - 1, spans.getLast().with(span));
        } else {
            spans.add(span);
        }
    }

    /** Which gaps to close, each by the index of the span before it. Closing one changes no other, so all are chosen at once. */
    private static BitSet smallestGaps(List<Span> spans, int count) {
        BitSet smallest = new BitSet();
        if (count > 0) {
            IntStream.range(0, spans.size() - 1)
                    .boxed()
                    .sorted(Comparator.comparing(
                            i -> spans.get(i + 1).first - spans.get(i).last,
                            Unsigned::compare)) // stable: the first of equals
                    .limit(count)
                    .forEach(smallest::set);
        }
        return smallest;
    }
}
