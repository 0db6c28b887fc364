package dev.iovabitmap.bench;

import com.carrotsearch.hppc.BitSet;
import dev.iovabitmap.IovaBitmap;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.lucene.util.FixedBitSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One page, at random in 64 GiB, through an interface at one call site that has seen all its implementations: ours through
 * {@link IovaBitmap}, the neighbours through one of the same kind, once by page number and once by address and length.
 */
public class SetPageBehindInterface {
    private static final long PAGES = 1 << 24;
    private static final int CALLS = 1024;
    private static final int ROUNDS = 3_000;

    /** What a neighbour looks like behind an interface. */
    interface Pages {
        void set(long page);
    }

    /** What a neighbour looks like that takes what {@link IovaBitmap} takes, without its checks. */
    interface Addresses {
        void set(long iova, long length);
    }

    private static long[] randomPages(int shift) {
        return new SplittableRandom(1)
                .longs(CALLS, 0, PAGES)
                .map(page -> page << shift)
                .toArray();
    }

    private static int bit(long iova) {
        return (int) (iova >>> Bits.PAGE_SHIFT);
    }

    /** Ours. */
    @State(Scope.Benchmark)
    public static class Ours {
        @Param({"heap", "ffm", "mapped"})
        public String backend = "";

        private final long[] iovas = randomPages(Bits.PAGE_SHIFT);
        private IovaBitmap bitmap = OurBits.heap(1).bitmap;

        @Setup
        public void setUp() {
            Warming.allBackendsOnAllKinds();
            List<OurBits> all = List.of(
                    OurBits.heap(PAGES), OurBits.concurrentHeap(PAGES), OurBits.ffm(PAGES), OurBits.mapped(PAGES));
            for (int round = 0; round < ROUNDS; round++) {
                bitmap = all.get(round % all.size()).bitmap;
                run();
            }
            bitmap = ((OurBits) Bits.of(backend, PAGES)).bitmap;
        }

        void run() {
            for (long iova : iovas) {
                bitmap.set(iova, 4096);
            }
        }
    }

    /** The neighbours, by page number. */
    @State(Scope.Benchmark)
    public static class ByPage {
        private final long[] pages = randomPages(0);
        private Pages bits = page -> {};

        @Setup
        public void setUp() {
            java.util.BitSet ofJava = new java.util.BitSet((int) PAGES);
            FixedBitSet ofLucene = new FixedBitSet((int) PAGES);
            BitSet ofHppc = new BitSet(PAGES);
            List<Pages> all =
                    List.of(page -> ofLucene.set((int) page), ofHppc::set, bits, page -> ofJava.set((int) page));
            for (int round = 0; round < ROUNDS; round++) {
                bits = all.get(round % all.size());
                run();
            }
            bits = all.getLast();
        }

        void run() {
            for (long page : pages) {
                bits.set(page);
            }
        }
    }

    /** The neighbours, by address and length. */
    @State(Scope.Benchmark)
    public static class ByAddress {
        private final long[] iovas = randomPages(Bits.PAGE_SHIFT);
        private Addresses bits = (iova, length) -> {};

        @Setup
        public void setUp() {
            java.util.BitSet ofJava = new java.util.BitSet((int) PAGES);
            FixedBitSet ofLucene = new FixedBitSet((int) PAGES);
            BitSet ofHppc = new BitSet(PAGES);
            List<Addresses> all = List.of(
                    (iova, length) -> ofLucene.set(bit(iova), bit(iova + length - 1) + 1),
                    (iova, length) -> ofHppc.set(bit(iova), bit(iova + length - 1) + 1L),
                    bits,
                    (iova, length) -> ofJava.set(bit(iova), bit(iova + length - 1) + 1));
            for (int round = 0; round < ROUNDS; round++) {
                bits = all.get(round % all.size());
                run();
            }
            bits = all.getLast();
        }

        void run() {
            for (long iova : iovas) {
                bits.set(iova, 4096);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void ours(Ours ours) {
        ours.run();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void bitSetByPage(ByPage theirs) {
        theirs.run();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void bitSetByAddress(ByAddress theirs) {
        theirs.run();
    }
}
