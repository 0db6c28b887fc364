package dev.iovabitmap.bench;

import java.io.File;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * How fast the machine is around a measurement, by two loops that are always the same: one of arithmetic, which others on the
 * same core slow down, and one over 2 MiB, which others in the same cache do. Of a virtual machine nothing else tells.
 */
public final class Steadiness implements ExternalProfiler {
    /** The slower of before and after, in nanoseconds. */
    static final String ARITHMETIC = "steadiness.arithmetic";

    /** The same of the loop over memory. */
    static final String MEMORY = "steadiness.memory";

    private static final int WARMUP = 40;
    private static final int SAMPLES = 7;
    private static final int STEPS = 1_000_000;
    private static final int PASSES = 60;
    private static final int WORDS = 1 << 18;

    private final long[] words = new long[WORDS];
    private double arithmetic;
    private double memory;
    private long unused;

    /** For JMH. */
    public Steadiness() {
        for (int i = 0; i < WARMUP; i++) {
            unused += calculate() + read();
        }
    }

    @Override
    public void beforeTrial(BenchmarkParams params) {
        arithmetic = time(this::calculate);
        memory = time(this::read);
    }

    @Override
    public Collection<? extends Result<?>> afterTrial(BenchmarkResult result, long pid, File stdOut, File stdErr) {
        return List.of(
                result(ARITHMETIC, Math.max(arithmetic, time(this::calculate))),
                result(MEMORY, Math.max(memory, time(this::read))));
    }

    private static ScalarResult result(String name, double nanos) {
        return new ScalarResult(name, nanos, "ns", AggregationPolicy.MAX);
    }

    private double time(LongSupplier loop) {
        double[] nanos = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            long start = System.nanoTime();
            unused += loop.getAsLong();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[SAMPLES / 2];
    }

    // four chains, so that the core has as much to do as it can take
    private long calculate() {
        long a = 1;
        long b = 2;
        long c = 3;
        long d = 4;
        for (int i = 0; i < STEPS; i++) {
            a = a * 31 ^ a >>> 7;
            b = b * 31 ^ b >>> 7;
            c = c * 31 ^ c >>> 7;
            d = d * 31 ^ d >>> 7;
        }
        return a ^ b ^ c ^ d;
    }

    private long read() {
        long bits = 0;
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < WORDS; i++) {
                bits += Long.bitCount(words[i]);
            }
        }
        return bits;
    }

    @Override
    public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
        return List.of();
    }

    @Override
    public Collection<String> addJVMOptions(BenchmarkParams params) {
        return List.of();
    }

    @Override
    public boolean allowPrintOut() {
        return true;
    }

    @Override
    public boolean allowPrintErr() {
        return true;
    }

    @Override
    public String getDescription() {
        return "how fast the machine is around a measurement";
    }
}
