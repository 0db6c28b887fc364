package dev.iovabitmap.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page on the kernel as a subject, made of what runs of {@link KernelCheck} left: {@code DeviationsPage PAGE RESULTS...}. */
public final class DeviationsPage {
    private DeviationsPage() {}

    /** What a run left. */
    private record Run(String kernel, List<List<String>> lines) {
        static Run read(Path file) throws IOException {
            List<List<String>> lines = Files.readAllLines(file).stream()
                    .map(line -> Arrays.asList(line.split("\t", -1)))
                    .toList();
            String kernel = lines.stream()
                    .filter(line -> line.get(0).equals("kernel"))
                    .map(line -> line.get(1))
                    .findFirst()
                    .orElseThrow(() -> new IOException("'" + file + "' names no kernel"));
            return new Run(kernel, lines);
        }

        Optional<List<String>> probe(String id) {
            return lines.stream()
                    .filter(line -> line.size() > 4 && line.get(1).equals(id))
                    .findFirst();
        }

        Stream<List<String>> cases(String verdict) {
            return lines.stream()
                    .filter(line ->
                            line.get(0).equals("public-case") && line.get(2).equals(verdict));
        }

        boolean failed() {
            return lines.stream().anyMatch(line -> line.get(0).equals("fail"));
        }
    }

    /** Writes the page. */
    public static void main(String[] args) throws IOException {
        List<Path> results = Arrays.stream(args).skip(1).map(Path::of).toList();
        Files.writeString(Path.of(args[0]), of(results));
    }

    static String of(List<Path> results) throws IOException {
        List<Run> runs = new ArrayList<>();
        for (Path result : results) {
            Run run = Run.read(result);
            if (run.failed()) {
                throw new IOException("'" + result + "' is of a run that failed");
            }
            runs.add(run);
        }
        StringBuilder page = new StringBuilder("""
                # Where the kernel deviates

                The kernel's own `iova_bitmap`, and the calls around it, held against the [specification](specification.md) as any other
                subject. Made by `conformance/kernel` of what its runs found; do not edit. The versions and reasons are those of the reviewed
                list [`deviations.txt`](../conformance/kernel/src/main/resources/dev/iovabitmap/kernel/deviations.txt). A run fails if a kernel
                does what is not listed for it, and if it does not do what is. It also asks the kernel each of the suite's public cases: one
                whose answer differs from the rules has to be explained by these deviations to the bit, and is named with them.

                """);
        page.append("Tried on Linux ")
                .append(runs.stream().map(Run::kernel).collect(Collectors.joining(" and ")))
                .append(". Versions in between and beyond are what the kernel's history says, and were not run.\n");
        for (Deviation each : Deviation.all()) {
            page.append("\n## ").append(each.id()).append("\n\n");
            page.append("Rule ")
                    .append(each.rule())
                    .append(", ")
                    .append(each.versions())
                    .append(". ");
            page.append(each.reason()).append("\n");
            input(runs, each)
                    .ifPresent(text ->
                            page.append("\nSmallest input: ").append(text).append(".\n"));
            Map<String, String> observed = new LinkedHashMap<>();
            for (Run run : runs) {
                run.probe(each.id())
                        .ifPresent(line -> observed.put(
                                run.kernel(),
                                (line.get(0).equals("deviation") ? "deviates" : "keeps the rule") + ": "
                                        + line.get(4)));
            }
            page.append("\n");
            observed.forEach((kernel, text) ->
                    page.append("- ").append(kernel).append(" ").append(text).append("\n"));
            for (Run run : runs) {
                String explained = run.cases("deviates")
                        .filter(line -> List.of(line.get(3).split(", ", -1)).contains(each.id()))
                        .map(line -> "`" + line.get(1) + "`")
                        .collect(Collectors.joining(", "));
                if (!explained.isEmpty()) {
                    page.append("- public cases on ")
                            .append(run.kernel())
                            .append(": ")
                            .append(explained)
                            .append("\n");
                }
            }
        }
        notAsked(runs, page);
        page.append("\n## What was held against it\n\n");
        for (Run run : runs) {
            String counts = run.lines().stream()
                    .filter(line -> line.get(0).equals("count"))
                    .map(line -> line.get(1) + " " + line.get(2))
                    .collect(Collectors.joining(", "));
            page.append("- ").append(run.kernel()).append(": ").append(counts).append("\n");
        }
        return page.toString();
    }

    /** Cases that no kernel was asked are as much a result as those that deviate. */
    private static void notAsked(List<Run> runs, StringBuilder page) {
        page.append("\n## Public cases that were not asked\n\n");
        for (Run run : runs) {
            Map<String, List<String>> byReason = new LinkedHashMap<>();
            run.cases("not-asked")
                    .forEach(line -> byReason.computeIfAbsent(line.get(3), reason -> new ArrayList<>())
                            .add("`" + line.get(1) + "`"));
            byReason.forEach((reason, cases) -> page.append("- ")
                    .append(run.kernel())
                    .append(", ")
                    .append(reason)
                    .append(": ")
                    .append(String.join(", ", cases))
                    .append("\n"));
        }
    }

    private static Optional<String> input(List<Run> runs, Deviation each) {
        return runs.stream()
                .flatMap(run -> run.probe(each.id()).stream())
                .map(line -> line.get(3))
                .findFirst();
    }
}
