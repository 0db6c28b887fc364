package dev.iovabitmap.bench;

import dev.iovabitmap.IovaBitmapCallback;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Iterating over windows with a callback that does next to nothing. A window is 2 MiB of words, touched or not. */
@State(Scope.Benchmark)
public class Windows {
    private static final long PAGES_OF_WINDOW = 1 << 24;

    @Param({"heap", "ffm", "heap/all", "mapped", "mapped/all"})
    public String subject = "";

    @Param({"1", "1024"})
    public long windows;

    private OurBits bits = OurBits.heap(1);
    private long total;
    private final IovaBitmapCallback<Windows, RuntimeException> callback =
            (bitmap, iova, length, opaque) -> opaque.total += iova ^ length;

    @Setup
    public void setUp() {
        bits = (OurBits) Bits.of(subject, windows * PAGES_OF_WINDOW);
    }

    @Benchmark
    public long forEach() {
        bits.bitmap.forEach(this, callback);
        return total;
    }
}
