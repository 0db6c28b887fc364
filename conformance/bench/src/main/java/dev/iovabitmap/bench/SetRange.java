package dev.iovabitmap.bench;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Ranges of pages in 256 GiB, starting at a word's first bit or not. */
@State(Scope.Benchmark)
public class SetRange {
    static final long PAGES = 1 << 26;
    private static final int CALLS = 64;

    @Param({
        "heap",
        "ffm",
        "heap/all",
        "ffm/all",
        "mapped/all",
        "BitSet",
        "FixedBitSet",
        "Roaring",
        "HPPC",
        "limit",
        "limit-native"
    })
    public String subject = "";

    @Param({"2", "16", "512", "262144", "16777216"})
    public long length;

    @Param({"true", "false"})
    public boolean aligned;

    private Bits bits = new RoaringBits();
    private final long[] starts = new long[CALLS];

    @Setup
    public void setUp() {
        bits = Bits.of(subject, PAGES);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CALLS; i++) {
            long start = random.nextLong(PAGES - length - 64) & -64;
            starts[i] = aligned ? start : start + 1 + random.nextInt(63);
        }
        bits.set(0, PAGES); // memory that was never touched is slower to write, for everyone
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void setRange() {
        for (long start : starts) {
            bits.set(start, length);
        }
    }
}
