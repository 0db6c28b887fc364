package dev.iovabitmap.bench;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One page, at random in 64 GiB. */
@State(Scope.Benchmark)
public class SetPage {
    static final long PAGES = 1 << 24;
    private static final int CALLS = 1024;

    @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet", "FixedBitSet", "Roaring", "HPPC", "limit"})
    public String subject = "";

    private Bits bits = new RoaringBits();
    private final long[] pages = new long[CALLS];

    @Setup
    public void setUp() {
        bits = Bits.of(subject, PAGES);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CALLS; i++) {
            pages[i] = random.nextLong(PAGES);
        }
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void setPage() {
        for (long page : pages) {
            bits.set(page);
        }
    }
}
