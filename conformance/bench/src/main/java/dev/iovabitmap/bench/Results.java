package dev.iovabitmap.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;

/** One run of JMH: the samples of each benchmark, parameters and subject. */
final class Results {
    /** What was measured of one subject: nanoseconds an operation, one for each iteration, and bytes an operation. */
    record Samples(List<Double> values, double bytes) {
        double median() {
            return Results.median(
                    values.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** A figure and the interval that holds it with 99 %. */
    record Figure(double median, double low, double high) {}

    private static final List<String> KEPT = List.of(
            "jmhVersion",
            "benchmark",
            "threads",
            "jdkVersion",
            "vmName",
            "warmupIterations",
            "warmupTime",
            "measurementIterations",
            "measurementTime",
            "params",
            "primaryMetric",
            "secondaryMetrics");

    private static final int RESAMPLES = 2_000;
    private static final double OUTSIDE = 0.01;

    /** Benchmark and parameters to subject to samples, in the order of the run. */
    private final Map<String, Map<String, Samples>> all = new LinkedHashMap<>();

    private final JsonNode first;

    Results(Path json) throws IOException {
        JsonNode run = new JsonMapper().readTree(json.toFile());
        first = run.get(0);
        for (JsonNode result : run) {
            List<Double> values = new ArrayList<>();
            result.path("primaryMetric")
                    .path("rawData")
                    .forEach(fork -> fork.forEach(v -> values.add(v.doubleValue())));
            Map<String, String> params = new TreeMap<>();
            result.path("params")
                    .properties()
                    .forEach(p -> params.put(p.getKey(), p.getValue().asText()));
            String subject = params.containsKey("subject")
                    ? params.remove("subject")
                    : params.containsKey("backend") ? params.remove("backend") : "BitSet";
            String[] name = result.path("benchmark").asText().split("\\.", -1);
            String key = name[name.length - 1] + (params.isEmpty() ? "" : " " + String.join(" ", params.values()));
            double bytes = result.path("secondaryMetrics")
                    .path("gc.alloc.rate.norm")
                    .path("score")
                    .asDouble(Double.NaN);
            all.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(subject, new Samples(List.copyOf(values), bytes));
        }
    }

    Map<String, Map<String, Samples>> all() {
        return all;
    }

    boolean has(String benchmark, String... subjects) {
        return all.getOrDefault(benchmark, Map.of()).keySet().containsAll(Arrays.asList(subjects));
    }

    Samples of(String benchmark, String subject) {
        Samples found = all.getOrDefault(benchmark, Map.of()).get(subject);
        if (found == null) {
            throw new IllegalArgumentException("not measured: " + benchmark + " of " + subject);
        }
        return found;
    }

    /** Leaves what is read here of JMH's results, a tenth of them, so that they can be kept. */
    static void trim(Path json) throws IOException {
        JsonMapper mapper = new JsonMapper();
        JsonNode run = mapper.readTree(json.toFile());
        for (JsonNode result : run) {
            ((ObjectNode) result).retain(KEPT);
            ((ObjectNode) result.path("primaryMetric")).retain("rawData", "scoreUnit");
            if (result.path("secondaryMetrics") instanceof ObjectNode metrics) {
                metrics.retain("gc.alloc.rate.norm", Steadiness.ARITHMETIC, Steadiness.MEMORY);
                metrics.forEach(metric -> ((ObjectNode) metric).retain("score", "scoreUnit"));
            }
        }
        mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), run);
    }

    /** In how many passes, and so JVMs, each benchmark was measured. */
    int passes() {
        return first.path("primaryMetric").path("rawData").size();
    }

    /** What JMH says of how it measured. */
    String setting(String name) {
        return first.path(name).asText();
    }

    /**
     * Makes a figure of two subjects' medians. The interval comes from resampling: samples of one machine are neither normal
     * nor many, and the median of a resample needs no assumption about them.
     */
    static Figure figure(Samples ours, Samples theirs, DoubleBinaryOperator combine) {
        SplittableRandom random = new SplittableRandom(1);
        double[] combined = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            combined[i] = combine.applyAsDouble(resample(ours.values, random), resample(theirs.values, random));
        }
        Arrays.sort(combined);
        return new Figure(
                combine.applyAsDouble(ours.median(), theirs.median()),
                combined[(int) (RESAMPLES * OUTSIDE / 2)],
                combined[(int) (RESAMPLES * (1 - OUTSIDE / 2))]);
    }

    private static double resample(List<Double> values, SplittableRandom random) {
        double[] drawn = new double[values.size()];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = values.get(random.nextInt(values.size()));
        }
        return median(drawn);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
