package dev.iovabitmap.bench;

import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.heap.HeapIovaBitmap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Visiting nothing in 1 GiB, 64 GiB and 1 TiB, and what a bitmap takes beyond its words. */
public class Scale {
    /** Words that are there. */
    @State(Scope.Benchmark)
    public static class Size {
        @Param({"heap", "ffm", "limit"})
        public String subject = "";

        @Param({"1", "64", "1024"})
        public long gib;

        private Bits bits = new RoaringBits();

        @Setup
        public void setUp() {
            long pages = gib << 18;
            bits = Bits.of(subject, pages);
            Shape.FULL.fill(bits, pages); // touches the memory
            bits.clear();
        }
    }

    /** Bitmaps over words that are there; the profiler's figure is what counts. */
    @State(Scope.Benchmark)
    public static class Allocation {
        @Param({"heap", "ffm"})
        public String subject = "";

        @Param({"1", "1024"})
        public long gib;

        private OurBits bits = OurBits.heap(1);

        @Setup
        public void setUp() {
            bits = (OurBits) Bits.of(subject, gib << 18);
        }
    }

    @Benchmark
    public long visitEmpty(Size size) {
        return size.bits.visit();
    }

    @Benchmark
    public Object allocate(Allocation allocation) {
        OurBits bits = allocation.bits;
        return allocation.subject.equals("heap")
                ? HeapIovaBitmap.over(bits.layout, bits.data)
                : FfmIovaBitmap.over(bits.layout, bits.data);
    }
}
