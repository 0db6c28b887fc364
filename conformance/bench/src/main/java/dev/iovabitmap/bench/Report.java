package dev.iovabitmap.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.xml.stream.XMLStreamException;

/** Makes a page and its plots from the results of a run. */
public final class Report {
    private static final List<String> SUBJECTS = List.of(
            "heap",
            "ffm",
            "mapped",
            "heap/all",
            "ffm/all",
            "mapped/all",
            "heap-concurrent",
            "ffm-concurrent",
            "heap-concurrent/all",
            "ffm-concurrent/all",
            "BitSet",
            "FixedBitSet",
            "HPPC",
            "Roaring",
            "limit",
            "limit-native",
            "C");

    private final Results results;
    private final Map<String, Double> yardstick = new LinkedHashMap<>();
    private final StringBuilder page = new StringBuilder();

    private Report(Path directory) throws IOException {
        results = new Results(directory.resolve("results.json"));
        Path c = directory.resolve("yardstick.json");
        if (Files.exists(c)) {
            new JsonMapper()
                    .readTree(c.toFile())
                    .properties()
                    .forEach(entry ->
                            yardstick.put(entry.getKey(), entry.getValue().doubleValue()));
        }
    }

    /**
     * Renders results.md and the plots beside results.json.
     *
     * @param args the directory with results.json, yardstick.json and machine.json
     * @throws IOException if they cannot be read, or the page not written
     * @throws XMLStreamException if a plot cannot be written
     */
    public static void main(String[] args) throws IOException, XMLStreamException {
        Path directory = Path.of(args[0]);
        Results.trim(directory.resolve("results.json"));
        Report report = new Report(directory);
        report.render(directory);
        Files.writeString(directory.resolve("results.md"), report.page);
    }

    private void render(Path directory) throws IOException, XMLStreamException {
        JsonNode machine =
                new JsonMapper().readTree(directory.resolve("machine.json").toFile());
        line("# Results of one run");
        line("");
        line(
                "Rendered by `conformance/bench/run --publish`; do not edit. What the names mean and what follows from the figures: [performance.md](../performance.md).");
        line("");
        machine.properties()
                .forEach(entry ->
                        line("- " + entry.getKey() + ": " + entry.getValue().asText()));
        line("- JMH " + results.setting("jmhVersion") + ", " + results.passes()
                + " passes, in each of them a JVM of its own for each figure, of "
                + results.setting("measurementIterations") + " x " + results.setting("measurementTime") + " after "
                + results.setting("warmupIterations") + " x " + results.setting("warmupTime"));
        line("");
        line("Medians; in brackets the interval that holds the figure with 99 %, from resampling the iterations.");
        line("");
        targets();
        for (String name : List.of("setPage", "setRange", "visit", "whole")) {
            plot(directory, name);
        }
        tables();
    }

    private void targets() {
        List<Targets.Row> rows = Targets.of(results);
        line("## Targets");
        line("");
        line(rows.stream().filter(Targets.Row::met).count() + " of " + rows.size() + " are met.");
        line("");
        line("| | What | Target | Measured | Met |");
        line("|---|---|---|---|---|");
        for (Targets.Row row : rows) {
            line("| " + row.group() + " | " + row.what() + " | " + row.bound() + " | " + row.figure() + " | "
                    + (row.met() ? "yes" : "**no**") + " |");
        }
        line("");
    }

    private void plot(Path directory, String name) throws IOException, XMLStreamException {
        Map<String, Map<String, Double>> groups = new LinkedHashMap<>();
        results.all().forEach((benchmark, samples) -> {
            boolean whole =
                    name.equals("whole") && benchmark.matches("(count|merge|mergeCoarser|drain|preCopyRound).*");
            boolean aligned = benchmark.startsWith("setRange true");
            if (whole || (benchmark.split(" ", -1)[0].equals(name) && !aligned)) {
                groups.put(benchmark, medians(benchmark));
            }
        });
        if (!groups.isEmpty()) {
            Plot.write(directory.resolve(name + ".svg"), name, groups);
            line("![" + name + "](" + name + ".svg)");
            line("");
        }
    }

    private Map<String, Double> medians(String benchmark) {
        Map<String, Double> medians = new LinkedHashMap<>();
        for (String subject : SUBJECTS) {
            if (subject.equals("C") && yardstick.containsKey(inC(benchmark))) {
                medians.put(subject, yardstick.get(inC(benchmark)));
            } else if (results.has(benchmark, subject)) {
                medians.put(subject, results.of(benchmark, subject).median());
            }
        }
        return medians;
    }

    private static String inC(String benchmark) {
        String[] words = benchmark.split(" ", -1);
        return words[0].equals("setRange")
                ? "setRange " + words[2] + (words[1].equals("true") ? " aligned" : " unaligned")
                : benchmark;
    }

    private void tables() {
        line("## All figures");
        line("");
        line(
                "Nanoseconds an operation; `setRange` with whether the start is aligned and the pages, `forEach` with the windows, `visitEmpty` and `allocate` with GiB.");
        line("");
        for (String name : new TreeSet<>(results.all().keySet().stream()
                .map(key -> key.split(" ", -1)[0])
                .toList())) {
            List<String> benchmarks = results.all().keySet().stream()
                    .filter(key -> key.split(" ", -1)[0].equals(name))
                    .toList();
            List<String> subjects = SUBJECTS.stream()
                    .filter(subject ->
                            benchmarks.stream().anyMatch(b -> medians(b).containsKey(subject)))
                    .toList();
            line("| " + name + " | " + String.join(" | ", subjects) + " |");
            line("|---|" + "---:|".repeat(subjects.size()));
            for (String benchmark : benchmarks) {
                Map<String, Double> medians = medians(benchmark);
                StringBuilder row = new StringBuilder("| ")
                        .append(benchmark.substring(name.length()).strip());
                for (String subject : subjects) {
                    Double median = medians.get(subject);
                    row.append(" | ").append(median == null ? "" : Plot.number(median));
                }
                line(row.append(" |").toString());
            }
            line("");
        }
    }

    private void line(String line) {
        page.append(line).append('\n');
    }
}
