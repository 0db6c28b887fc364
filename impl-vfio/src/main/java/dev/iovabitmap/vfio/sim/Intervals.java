package dev.iovabitmap.vfio.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A set of unsigned numbers, kept as intervals that do not touch, so that terabytes of dirty memory cost one entry. */
final class Intervals {
    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>(U64::compare);

    void add(long first, long last) {
        long from = first;
        long to = last;
        Map.Entry<Long, Long> entry = lastByFirst.floorEntry(from);
        if (entry != null && (from == 0 || !U64.less(entry.getValue(), from - 1))) {
            from = entry.getKey();
            to = U64.max(to, entry.getValue());
        }
        entry = lastByFirst.ceilingEntry(from);
        while (entry != null && (to == -1 || !U64.less(to + 1, entry.getKey()))) {
            to = U64.max(to, entry.getValue());
            lastByFirst.remove(entry.getKey());
            entry = lastByFirst.ceilingEntry(from);
        }
        lastByFirst.put(from, to);
    }

    void remove(long first, long last) {
        for (Interval hit : within(first, last)) {
            Map.Entry<Long, Long> entry = lastByFirst.floorEntry(hit.first());
            long from = entry.getKey();
            long to = entry.getValue();
            lastByFirst.remove(from);
            if (from != hit.first()) {
                lastByFirst.put(from, hit.first() - 1);
            }
            if (to != hit.last()) {
                lastByFirst.put(hit.last() + 1, to);
            }
        }
    }

    /** What of the set lies from the first to the last, ascending. A copy. */
    List<Interval> within(long first, long last) {
        List<Interval> hits = new ArrayList<>();
        Long from = lastByFirst.floorKey(first);
        Map.Entry<Long, Long> entry = from == null ? lastByFirst.firstEntry() : lastByFirst.ceilingEntry(from);
        while (entry != null && !U64.less(last, entry.getKey())) {
            Interval interval = new Interval(entry.getKey(), entry.getValue());
            if (interval.overlaps(first, last)) {
                hits.add(interval.cut(first, last));
            }
            entry = lastByFirst.higherEntry(entry.getKey());
        }
        return hits;
    }

    List<Interval> all() {
        return within(0, -1);
    }

    /** The first interval that reaches up to a number or lies above it, without what it has below; null if there is none. */
    @Nullable
    Interval from(long first) {
        Map.Entry<Long, Long> entry = lastByFirst.floorEntry(first);
        if (entry != null && !U64.less(entry.getValue(), first)) {
            return new Interval(first, entry.getValue());
        }
        entry = lastByFirst.ceilingEntry(first);
        return entry == null ? null : new Interval(entry.getKey(), entry.getValue());
    }

    boolean contains(long value) {
        Interval next = from(value);
        return next != null && next.first() == value;
    }

    void clear() {
        lastByFirst.clear();
    }
}
