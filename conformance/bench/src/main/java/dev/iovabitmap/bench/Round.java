package dev.iovabitmap.bench;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A whole round of pre-copy over 1 TiB: 20,000 pages and 2,000 ranges are reported, visited and cleared. */
@State(Scope.Benchmark)
public class Round {
    private static final long PAGES = 1 << 28;
    private static final int REPORTED_PAGES = 20_000;
    private static final int REPORTED_RANGES = 2_000;

    @Param({"heap", "ffm", "heap/all", "ffm/all", "mapped/all", "BitSet", "FixedBitSet", "Roaring", "HPPC"})
    public String subject = "";

    private Bits bits = new RoaringBits();
    private final long[] pages = new long[REPORTED_PAGES];
    private final long[] starts = new long[REPORTED_RANGES];
    private final long[] lengths = new long[REPORTED_RANGES];

    @Setup
    public void setUp() {
        bits = Bits.of(subject, PAGES);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < REPORTED_PAGES; i++) {
            pages[i] = random.nextLong(PAGES);
        }
        for (int i = 0; i < REPORTED_RANGES; i++) {
            lengths[i] = 1 + random.nextLong(4096);
            starts[i] = random.nextLong(PAGES - lengths[i]);
        }
        bits.set(0, PAGES);
        bits.clear();
    }

    @Benchmark
    public long preCopyRound() {
        for (long page : pages) {
            bits.set(page);
        }
        for (int i = 0; i < REPORTED_RANGES; i++) {
            bits.set(starts[i], lengths[i]);
        }
        long total = bits.visit();
        bits.clear();
        return total;
    }
}
