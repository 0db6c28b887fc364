package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.words.Unsigned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A set of addresses, as the ranges that it consists of. */
final class RangeSet {
    private final TreeMap<Long, Long> lastOf = new TreeMap<>(Unsigned::compare);

    void add(IovaRange range) {
        long first = range.iova();
        long last = range.lastIova();
        Map.Entry<Long, Long> before = lastOf.floorEntry(first);
        if (before != null && reaches(before.getValue(), first)) {
            first = before.getKey();
            last = Unsigned.max(last, before.getValue());
        }
        for (Map.Entry<Long, Long> next = lastOf.ceilingEntry(first);
                next != null && reaches(last, next.getKey());
                next = lastOf.ceilingEntry(first)) {
            last = Unsigned.max(last, next.getValue());
            lastOf.remove(next.getKey());
        }
        lastOf.put(first, last);
    }

    /** Whether what ends at an address overlaps or touches what starts at another, and not before. */
    private static boolean reaches(long last, long first) {
        return first == 0 || !Unsigned.less(last, first - 1);
    }

    void addAll(RangeSet others) {
        others.lastOf.forEach((first, last) -> add(new IovaRange(first, last - first + 1)));
    }

    void remove(IovaRange range) {
        for (IovaRange common : within(range)) {
            Map.Entry<Long, Long> whole = Objects.requireNonNull(lastOf.floorEntry(common.iova()));
            lastOf.remove(whole.getKey());
            if (whole.getKey() != common.iova()) {
                lastOf.put(whole.getKey(), common.iova() - 1);
            }
            if (whole.getValue() != common.lastIova()) {
                lastOf.put(common.lastIova() + 1, whole.getValue());
            }
        }
    }

    /** {@return the addresses that are in a range, ascending} */
    List<IovaRange> within(IovaRange range) {
        List<IovaRange> common = new ArrayList<>();
        Units.near(lastOf, range)
                .forEach((first, last) -> new IovaRange(first, last - first + 1)
                        .intersection(range)
                        .ifPresent(common::add));
        return common;
    }
}
