package dev.iovabitmap.bench;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** One page at random in 64 GiB, by one thread and by two into the same bitmap. */
@State(Scope.Benchmark)
public class ConcurrentSet {
    private static final long PAGES = 1 << 24;
    private static final int CALLS = 1024;

    @Param({"heap-concurrent", "ffm-concurrent", "heap-concurrent/all", "ffm-concurrent/all"})
    public String subject = "";

    private Bits bits = new RoaringBits();

    @Setup
    public void setUp() {
        bits = Bits.of(subject, PAGES);
        bits.set(0, PAGES);
    }

    /** Each thread's own pages. */
    @State(Scope.Thread)
    public static class Mine {
        private final long[] pages = new SplittableRandom(Thread.currentThread().threadId())
                .longs(CALLS, 0, PAGES)
                .toArray();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    @Threads(1)
    public void byOneThread(Mine mine) {
        set(mine);
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    @Threads(2)
    public void byTwoThreads(Mine mine) {
        set(mine);
    }

    private void set(Mine mine) {
        for (long page : mine.pages) {
            bits.set(page);
        }
    }
}
