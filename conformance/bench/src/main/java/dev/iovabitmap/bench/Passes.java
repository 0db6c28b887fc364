package dev.iovabitmap.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs everything several times over, a fork of each benchmark in each pass, and again what was measured while the machine was slow.
 *
 * <p>A machine, a virtual one above all, is slower for some seconds or minutes now and then. JMH would run the forks of a
 * benchmark one after the other, so that all of what is compared with others would fall into such a time; in passes it is a
 * part of each. Where {@link Steadiness} says that the machine was slower around a measurement than at its fastest, the
 * measurement is made again. That looks at the machine alone, and not at what was measured, so it favours nobody.
 */
final class Passes {
    /** By how much a loop that is always the same may be slower than it was at its fastest. */
    static final double SLOWER = 1.10;

    /** How often the slow ones are looked for, and what share of all measurements may be made again in all. */
    private static final int ROUNDS = 3;

    private static final double SHARE = 0.4;

    /** One fork of one benchmark. */
    private static final class Measurement {
        final BenchmarkParams params;
        BenchmarkResult result;

        Measurement(BenchmarkParams params, BenchmarkResult result) {
            this.params = params;
            this.result = result;
        }
    }

    private final Options options;
    private final List<Measurement> measurements = new ArrayList<>();
    private int again;

    Passes(Options options, int passes) throws RunnerException {
        this.options = options;
        for (int pass = 0; pass < passes; pass++) {
            for (RunResult run : new Runner(options).run()) {
                run.getBenchmarkResults().forEach(result -> measurements.add(new Measurement(run.getParams(), result)));
            }
        }
    }

    /** Makes the measurements again around which the machine was slow, the slowest first. */
    void repeatSlow() throws RunnerException {
        int most = (int) (measurements.size() * SHARE);
        for (int round = 0; round < ROUNDS; round++) {
            for (Measurement slow : slow()) {
                if (again == most) {
                    return;
                }
                again++;
                BenchmarkResult result = once(slow.params);
                Map<String, Double> fastest = fastest();
                if (slowness(result, fastest) < slowness(slow.result, fastest)) {
                    slow.result = result;
                }
            }
        }
    }

    private BenchmarkResult once(BenchmarkParams params) throws RunnerException {
        ChainedOptionsBuilder one =
                new OptionsBuilder().parent(options).include("^" + Pattern.quote(params.getBenchmark()) + "$");
        for (String name : params.getParamsKeys()) {
            one.param(name, params.getParam(name));
        }
        RunResult run = new Runner(one.build()).runSingle();
        return run.getBenchmarkResults().iterator().next();
    }

    private List<Measurement> slow() {
        Map<String, Double> fastest = fastest();
        Comparator<Measurement> bySlowness = Comparator.comparingDouble(m -> slowness(m.result, fastest));
        return measurements.stream()
                .filter(m -> slowness(m.result, fastest) > SLOWER)
                .sorted(bySlowness.reversed())
                .toList();
    }

    private Map<String, Double> fastest() {
        Map<String, Double> fastest = new HashMap<>();
        for (Measurement measurement : measurements) {
            for (String loop : List.of(Steadiness.ARITHMETIC, Steadiness.MEMORY)) {
                fastest.merge(loop, nanos(measurement.result, loop), Math::min);
            }
        }
        return fastest;
    }

    /** How much slower the slower of the two loops was around a measurement than at its fastest; 1 if it was not looked at. */
    private static double slowness(BenchmarkResult result, Map<String, Double> fastest) {
        return fastest.entrySet().stream()
                .mapToDouble(loop -> nanos(result, loop.getKey()) / loop.getValue())
                .max()
                .orElse(1);
    }

    private static double nanos(BenchmarkResult result, String loop) {
        Result<?> found = result.getSecondaryResults().get(loop);
        return found == null ? 1 : found.getScore();
    }

    /** All that was measured, by benchmark. */
    Collection<RunResult> results() {
        Map<String, List<Measurement>> byBenchmark = new LinkedHashMap<>();
        for (Measurement measurement : measurements) {
            byBenchmark
                    .computeIfAbsent(measurement.params.id(), id -> new ArrayList<>())
                    .add(measurement);
        }
        return byBenchmark.values().stream()
                .map(all -> new RunResult(
                        Objects.requireNonNull(all.getFirst()).params,
                        all.stream().map(m -> m.result).toList()))
                .toList();
    }

    /** Says how steady the machine was. */
    String steadiness() {
        return again + " of " + measurements.size()
                + " measurements were made again, since a fixed loop around them was more than "
                + Math.round((SLOWER - 1) * 100) + " % slower than at its fastest; so it was around "
                + slow().size() + " of those that count";
    }
}
