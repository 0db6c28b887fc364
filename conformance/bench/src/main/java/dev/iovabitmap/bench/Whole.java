package dev.iovabitmap.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What works on all words of 64 GiB: counting, merging, draining. */
public class Whole {
    static final long PAGES = 1 << 24;

    /** Counting and merging with the same page size, next to the loop over two arrays. */
    @State(Scope.Benchmark)
    public static class Same {
        @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet", "FixedBitSet", "Roaring", "HPPC", "limit"
        })
        public String subject = "";

        private Bits bits = new RoaringBits();
        private Bits into = new RoaringBits();

        @Setup
        public void setUp() {
            bits = Bits.of(subject, PAGES);
            into = Bits.of(subject, PAGES);
            Shape.ONE_PERCENT.fill(bits, PAGES);
            into.set(0);
            into.merge(bits);
        }
    }

    /** What a limit cannot do. */
    @State(Scope.Benchmark)
    public static class Each {
        @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet", "FixedBitSet", "Roaring", "HPPC"})
        public String subject = "";

        @Param({"ONE_PERCENT", "RUNS"})
        public Shape shape = Shape.EMPTY;

        private Bits bits = new RoaringBits();
        private Bits coarser = new RoaringBits();
        private Bits drained = new RoaringBits();

        @Setup
        public void setUp() {
            bits = Bits.of(subject, PAGES);
            coarser = Bits.of(subject, PAGES >> Bits.COARSER_SHIFT);
            drained = Bits.of(subject, PAGES);
            shape.fill(bits, PAGES);
        }
    }

    /** Dirties again what was drained, outside the measurement. */
    @State(Scope.Benchmark)
    public static class Refill {
        @Setup(Level.Invocation)
        public void refill(Each each) {
            each.drained.merge(each.bits);
        }
    }

    @Benchmark
    public long count(Same same) {
        return same.bits.count();
    }

    @Benchmark
    public void merge(Same same) {
        same.into.merge(same.bits);
    }

    @Benchmark
    public void mergeCoarser(Each each) {
        each.bits.mergeCoarser(each.coarser);
    }

    @Benchmark
    public long drain(Each each, Refill refill) {
        return each.drained.drain();
    }
}
