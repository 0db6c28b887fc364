package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaRange;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic on lists of ranges. */
final class Ranges {
    private Ranges() {}

    /** {@return the addresses of the first ranges that are in none of the others} */
    static List<IovaRange> without(List<IovaRange> ranges, List<IovaRange> others) {
        List<IovaRange> left = ranges;
        for (IovaRange other : others) {
            List<IovaRange> next = new ArrayList<>();
            left.forEach(range -> addWithout(next, range, other));
            left = next;
        }
        return left;
    }

    private static void addWithout(List<IovaRange> to, IovaRange range, IovaRange other) {
        IovaRange common = range.intersection(other).orElse(null);
        if (common == null) {
            to.add(range);
            return;
        }
        if (common.iova() != range.iova()) {
            to.add(new IovaRange(range.iova(), common.iova() - range.iova()));
        }
        if (common.lastIova() != range.lastIova()) {
            to.add(new IovaRange(common.lastIova() + 1, range.lastIova() - common.lastIova()));
        }
    }
}
