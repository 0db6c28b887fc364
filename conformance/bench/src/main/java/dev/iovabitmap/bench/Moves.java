package dev.iovabitmap.bench;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Moving the pages of 64 GiB from one bitmap to an empty one, a part of a bitmap, and going from one dirty page to the next.
 * BitSet moves by {@code or} and {@code clear}, which are for one thread. Several maps take turns.
 */
public class Moves {
    private static final long PAGES = 1 << 24;
    private static final int MAPS = 4;

    /** From the middle of a page of the second eighth to the middle of one of the seventh. */
    private static final int FIRST = (int) (PAGES / 8 + 5);

    private static final int LAST = (int) (PAGES / 8 * 7 - 5);

    @State(Scope.Benchmark)
    public static class Maps {
        @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet"})
        public String subject = "";

        @Param({"SPARSE", "ONE_PERCENT", "RUNS", "FULL"})
        public Shape shape = Shape.EMPTY;

        private final Bits[] bits = new Bits[MAPS];
        private final Bits[] from = new Bits[MAPS];
        private final Bits[] into = new Bits[MAPS];
        private int next;
        private long total;
        private final DirtyPages.RangeVisitor<RuntimeException> visitor = (iova, length) -> total += iova ^ length;

        private Bits turn() {
            next = (next + 1) % MAPS;
            return bits[next];
        }

        @Setup
        public void setUp() {
            for (int i = 0; i < MAPS; i++) {
                bits[i] = Bits.of(subject, PAGES);
                from[i] = Bits.of(subject, PAGES);
                into[i] = Bits.of(subject, PAGES);
                shape.fill(bits[i], PAGES);
            }
        }
    }

    /** Marks again what was moved, outside of the measurement. */
    @State(Scope.Benchmark)
    public static class Refill {
        @Setup(Level.Invocation)
        public void refill(Maps maps) {
            maps.next = (maps.next + 1) % MAPS;
            maps.from[maps.next].merge(maps.bits[maps.next]);
            if (maps.into[maps.next] instanceof OurBits ours) {
                DirtyPages.clear(ours.layout, ours.data);
            } else if (maps.into[maps.next] instanceof JavaBits java) {
                java.bits.clear();
            }
        }
    }

    @Benchmark
    public void take(Maps maps, Refill refill) {
        Bits from = maps.from[maps.next];
        Bits into = maps.into[maps.next];
        if (from instanceof OurBits ours && into instanceof OurBits other) {
            DirtyPages.take(ours.layout, ours.data, other.data);
        } else if (from instanceof JavaBits ours && into instanceof JavaBits other) {
            other.bits.or(ours.bits);
            ours.bits.clear();
        }
    }

    /** Every word that is not zero changes, unlike where the same bits are merged again. */
    @Benchmark
    public void mergeIntoClean(Maps maps, Refill refill) {
        maps.into[maps.next].merge(maps.from[maps.next]);
    }

    @Benchmark
    public long countPart(Maps maps) {
        Bits bits = maps.turn();
        if (bits instanceof OurBits ours) {
            return DirtyPages.count(ours.layout, ours.data, address(FIRST), address(LAST) - address(FIRST));
        }
        return ((JavaBits) bits).bits.get(FIRST, LAST + 1).cardinality(); // there is no other way
    }

    @Benchmark
    public long visitPart(Maps maps) {
        Bits bits = maps.turn();
        if (bits instanceof OurBits ours) {
            DirtyPages.forEachRange(
                    ours.layout, ours.data, address(FIRST), address(LAST) - address(FIRST), maps.visitor);
        } else {
            BitSet set = ((JavaBits) bits).bits;
            for (int at = set.nextSetBit(FIRST); at >= 0 && at <= LAST; ) {
                int stop = Math.min(set.nextClearBit(at), LAST + 1);
                maps.total += at ^ (long) stop;
                at = set.nextSetBit(stop);
            }
        }
        return maps.total;
    }

    /** From one dirty stretch to the next, by two searches for each. */
    @Benchmark
    public long nextDirty(Maps maps) {
        Bits bits = maps.turn();
        if (bits instanceof OurBits ours) {
            IovaBitmapLayout layout = ours.layout;
            MemorySegment data = ours.data;
            long end = layout.iova() + layout.length();
            for (long at = DirtyPages.nextDirty(layout, data, layout.iova()); at != end; ) {
                long stop = DirtyPages.nextClean(layout, data, at);
                maps.total += at ^ stop;
                at = DirtyPages.nextDirty(layout, data, stop);
            }
        } else {
            BitSet set = ((JavaBits) bits).bits;
            for (int at = set.nextSetBit(0); at >= 0; ) {
                int stop = set.nextClearBit(at);
                maps.total += at ^ (long) stop;
                at = set.nextSetBit(stop);
            }
        }
        return maps.total;
    }

    private static long address(long page) {
        return (page << Bits.PAGE_SHIFT) + 100;
    }
}
