package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.words.Unsigned;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Units that do not overlap, by their addresses. */
public final class Units {
    private final TreeMap<Long, Unit> byFirst = new TreeMap<>(Unsigned::compare);

    /** Adds a unit, in the place of one that starts at the same address. */
    public void put(Unit unit) {
        byFirst.put(unit.range().iova(), unit);
    }

    /** Removes a unit. */
    public void remove(IovaRange range) {
        byFirst.remove(range.iova());
    }

    void clear() {
        byFirst.clear();
    }

    /** {@return whether exactly this range is a unit} */
    public boolean contains(IovaRange range) {
        Unit unit = byFirst.get(range.iova());
        return unit != null && unit.range().equals(range);
    }

    /** {@return all units, ascending} */
    public List<Unit> all() {
        return List.copyOf(byFirst.values());
    }

    /** {@return the units that have addresses in common with a range, ascending} */
    public List<Unit> within(IovaRange range) {
        List<Unit> found = new ArrayList<>();
        for (Unit unit : near(byFirst, range).values()) {
            if (unit.range().intersection(range).isPresent()) {
                found.add(unit);
            }
        }
        return found;
    }

    /**
     * Finds what units do not cover.
     *
     * @param range where
     * @param counts which units count
     * @param gap gets each stretch of addresses that none of them has, ascending
     */
    public void gaps(IovaRange range, Predicate<Unit> counts, Consumer<IovaRange> gap) {
        long next = range.iova();
        for (Unit unit : within(range)) {
            if (counts.test(unit)) {
                long first = Unsigned.max(unit.range().iova(), next);
                if (first != next) {
                    gap.accept(new IovaRange(next, first - next));
                }
                if (!Unsigned.less(unit.range().lastIova(), range.lastIova())) {
                    return;
                }
                next = unit.range().lastIova() + 1;
            }
        }
        gap.accept(new IovaRange(next, range.lastIova() - next + 1));
    }

    /** {@return what starts in a range, and the last that starts before} */
    static <V> NavigableMap<Long, V> near(NavigableMap<Long, V> byFirst, IovaRange range) {
        Long before = byFirst.floorKey(range.iova());
        return (before == null ? byFirst : byFirst.tailMap(before, true)).headMap(range.lastIova(), true);
    }
}
