package dev.iovabitmap.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
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
            options.addProfiler(GCProfiler.class).addProfiler(Steadiness.class);
        }
        Path results = Path.of(chosen.getResult().orElse("results.json"));
        Passes passes = new Passes(options.build(), chosen.getForkCount().orElse(quick ? 1 : 3));
        passes.repeatSlow();
        ResultFormatFactory.getInstance(ResultFormatType.JSON, results.toString())
                .writeOut(passes.results());
        Machine.describe(results.resolveSibling("machine.json"), passes.steadiness());
    }
}
