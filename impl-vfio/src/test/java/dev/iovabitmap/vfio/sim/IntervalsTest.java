package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sets of unsigned numbers against a plain bit set, around 0, 2^63 and 2^64 - 1. */
class IntervalsTest {
    private static final int SPAN = 200;

    @Test
    void shouldAgreeWithABitSet() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            for (long base : new long[] {0, Long.MIN_VALUE - SPAN / 2, -SPAN}) {
                Intervals intervals = new Intervals();
                BitSet model = new BitSet();
                for (int i = 0; i < 60; i++) {
                    int first = random.nextInt(SPAN);
                    int last = first + random.nextInt(Math.min(30, SPAN - first));
                    boolean add = random.nextInt(3) > 0;
                    if (add) {
                        intervals.add(base + first, base + last);
                    } else {
                        intervals.remove(base + first, base + last);
                    }
                    model.set(first, last + 1, add);
                    assertEquals(runs(model, base), intervals.all(), "seed " + seed);
                    BitSet part = model.get(0, SPAN);
                    part.clear(0, first);
                    part.clear(last + 1, SPAN);
                    assertEquals(runs(part, base), intervals.within(base + first, base + last), "seed " + seed);
                    assertEquals(model.get(first), intervals.contains(base + first), "seed " + seed);
                }
            }
        }
    }

    private static List<Interval> runs(BitSet bits, long base) {
        List<Interval> runs = new ArrayList<>();
        for (int from = bits.nextSetBit(0); from >= 0; from = bits.nextSetBit(bits.nextClearBit(from))) {
            runs.add(new Interval(base + from, base + bits.nextClearBit(from) - 1));
        }
        return runs;
    }
}
