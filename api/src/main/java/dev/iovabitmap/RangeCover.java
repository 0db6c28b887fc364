package dev.iovabitmap;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Covers ranges by fewer ones. All arithmetic is on first and last addresses, inclusive, so that the top of the space fits. */
final class RangeCover {
    private record Span(long first, long last) {
        boolean touches(Span next) {
            return last == -1L || !Unsigned.less(last + 1, next.first);
        }

        /** How many bytes lie between this and the next one, which does not touch it. */
        long gapTo(Span next) {
            return next.first - last - 1;
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
        while (spans.size() > limit) {
            closeSmallestGap(spans);
        }
        return spans.stream().map(Span::toRange).toList();
    }

    private static List<Span> merged(List<IovaRange> ranges, long pageSize) {
        List<Span> sorted = new ArrayList<>();
        for (IovaRange range : ranges) {
            long last = range.iova() + range.length() - 1;
            if (range.length() == 0 || Unsigned.less(last, range.iova())) {
                throw new IllegalArgumentException(range + " is empty or wraps");
            }
            sorted.add(new Span(range.iova() & -pageSize, last | (pageSize - 1)));
        }
        sorted.sort(Comparator.comparing(Span::first, Unsigned::compare));
        List<Span> merged = new ArrayList<>();
        for (Span span : sorted) {
            if (!merged.isEmpty() && merged.getLast().touches(span)) {
                merged.set(merged.size() - 1, merged.getLast().with(span));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    private static void closeSmallestGap(List<Span> spans) {
        int smallest = 0;
        for (int i = 1; i + 1 < spans.size(); i++) {
            if (Unsigned.less(gapBehind(spans, i), gapBehind(spans, smallest))) {
                smallest = i;
            }
        }
        spans.set(smallest, spans.get(smallest).with(spans.remove(smallest + 1)));
    }

    private static long gapBehind(List<Span> spans, int index) {
        return spans.get(index).gapTo(spans.get(index + 1));
    }
}
