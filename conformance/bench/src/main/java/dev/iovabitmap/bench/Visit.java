package dev.iovabitmap.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Visiting the dirty ranges of a window of 64 GiB, 2 MiB of words. */
@State(Scope.Benchmark)
public class Visit {
    static final long PAGES = 1 << 24;

    @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet", "FixedBitSet", "Roaring", "HPPC", "limit"})
    public String subject = "";

    @Param
    public Shape shape = Shape.EMPTY;

    private Bits bits = new RoaringBits();

    @Setup
    public void setUp() {
        bits = Bits.of(subject, PAGES);
        shape.fill(bits, PAGES);
    }

    @Benchmark
    public long visit() {
        return bits.visit();
    }
}
