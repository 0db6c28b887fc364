package dev.iovabitmap.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures everything, or what JMH's own arguments choose. */
public final class Main {
    /** Twice this is more than 5,000 calls of 0.1 ms: the JIT's last stage begins with as many, and what allocates before is gone. */
    private static final int WARMUP_MILLIS = 300;

    private Main() {}

    /**
     * Runs the benchmarks.
     *
     * @param args {@code --quick} for a first impression, and JMH's own
     * @throws RunnerException if a benchmark fails
     * @throws CommandLineOptionException if JMH does not know an argument
     * @throws IOException if what they ran on cannot be written down
     */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException, IOException {
        List<String> rest = new ArrayList<>(List.of(args));
        boolean quick = rest.remove("--quick");
        CommandLineOptions chosen = new CommandLineOptions(rest.toArray(String[]::new));
        if (chosen.shouldList() || chosen.shouldHelp()) {
            throw new IllegalArgumentException("see JMH's documentation for its arguments");
        }
        // a heap that holds the words of 1,024 windows, 2 GiB
        ChainedOptionsBuilder options = new OptionsBuilder()
                .parent(chosen)
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .jvmArgs("-Xms3g", "-Xmx6g")
                .shouldFailOnError(true)
                .warmupIterations(2)
                .warmupTime(TimeValue.milliseconds(quick ? 150 : WARMUP_MILLIS))
                .measurementIterations(quick ? 12 : 5)
                .measurementTime(TimeValue.milliseconds(quick ? 20 : 150))
                .forks(1)
                .resultFormat(ResultFormatType.JSON);
        if (!quick) {
            options.addProfiler(GCProfiler.class);
        }
        Path results = Path.of(chosen.getResult().orElse("results.json"));
        Collection<RunResult> all =
                inPasses(options.build(), chosen.getForkCount().orElse(quick ? 1 : 3));
        ResultFormatFactory.getInstance(ResultFormatType.JSON, results.toString())
                .writeOut(all);
        Machine.describe(results.resolveSibling("machine.json"));
    }

    /**
     * Runs everything several times over, a fork of each benchmark in each pass. A machine, a virtual one above all, is slower
     * for some seconds or minutes now and then. JMH would run the forks of a benchmark one after the other, so that all of
     * what is compared with others would fall into such a time; this way it is a part of each.
     */
    private static Collection<RunResult> inPasses(Options options, int passes) throws RunnerException {
        Map<String, BenchmarkParams> params = new LinkedHashMap<>();
        Map<String, List<BenchmarkResult>> forks = new LinkedHashMap<>();
        for (int pass = 0; pass < passes; pass++) {
            for (RunResult result : new Runner(options).run()) {
                String key = result.getParams().id();
                params.putIfAbsent(key, result.getParams());
                forks.computeIfAbsent(key, k -> new ArrayList<>()).addAll(result.getBenchmarkResults());
            }
        }
        List<RunResult> all = new ArrayList<>();
        forks.forEach((key, results) -> all.add(new RunResult(Objects.requireNonNull(params.get(key)), results)));
        return all;
    }
}
