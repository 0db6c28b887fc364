package dev.iovabitmap.bench;

import dev.iovabitmap.bench.Results.Figure;
import dev.iovabitmap.bench.Results.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;

/** What was promised, held against a run. */
final class Targets {
    /** One promise: what is compared, the bound, the figure, and whether it holds. */
    record Row(String group, String what, String bound, String figure, boolean met) {}

    private static final List<String> OURS = List.of("heap", "ffm");
    private static final double NS_A_RANGE = 6;

    /** What may differ by so few nanoseconds is equal, where a call is as short. */
    private static final double NS_EQUAL = 2;

    private static final double HARNESS_BYTES_A_NS = 7e-5;

    private final Results results;
    private final List<Row> rows = new ArrayList<>();

    private Targets(Results results) {
        this.results = results;
    }

    static List<Row> of(Results results) {
        Targets targets = new Targets(results);
        targets.setting();
        targets.visiting();
        targets.wholeWords();
        targets.windows();
        targets.scale();
        targets.allocation();
        return targets.rows;
    }

    private void setting() {
        Samples bitSet = results.of("setPage", "BitSet");
        Samples fixed = results.of("setPage", "FixedBitSet");
        Samples faster = bitSet.median() < fixed.median() ? bitSet : fixed;
        for (String ours : OURS) {
            atMost(
                    "Setting one page",
                    ours + " above the faster of BitSet and FixedBitSet, ns",
                    NS_EQUAL,
                    results.of("setPage", ours),
                    faster,
                    (a, b) -> a - b);
        }
        for (String ours : List.of("heap", "ffm", "mapped")) {
            atMost(
                    "Setting one page",
                    ours + " behind an interface, of BitSet behind one, by page number",
                    1.15,
                    results.of("ours", ours),
                    results.of("bitSetByPage", "BitSet"),
                    (a, b) -> a / b);
            atMost(
                    "Setting one page",
                    ours + " behind an interface, of BitSet behind one, by address and length",
                    1.15,
                    results.of("ours", ours),
                    results.of("bitSetByAddress", "BitSet"),
                    (a, b) -> a / b);
        }
        for (String aligned : List.of("true", "false")) {
            for (String length : List.of("2", "16", "512", "262144", "16777216")) {
                String benchmark = "setRange " + aligned + " " + length;
                String what = length + " pages, " + (aligned.equals("true") ? "aligned" : "not aligned");
                for (String ours : OURS) {
                    if (length.length() > 3) {
                        String limit = ours.equals("heap") ? "limit" : "limit-native";
                        Figure speed = Results.figure(
                                results.of(benchmark, ours), results.of(benchmark, limit), (a, b) -> b / a);
                        rows.add(new Row(
                                "Setting ranges",
                                what + ": " + ours + ", speed of MemorySegment.fill",
                                "at least 0.90",
                                show(speed),
                                speed.median() >= 0.9));
                    } else {
                        range(benchmark, what, ours, ours.equals("heap") ? 1.05 : 1.10);
                    }
                }
            }
        }
    }

    private void range(String benchmark, String what, String ours, double bound) {
        Samples mine = results.of(benchmark, ours);
        Samples fixed = results.of(benchmark, "FixedBitSet");
        Figure ratio = Results.figure(mine, fixed, (a, b) -> a / b);
        Figure above = Results.figure(mine, fixed, (a, b) -> a - b);
        rows.add(new Row(
                "Setting ranges",
                what + ": " + ours + " of FixedBitSet",
                String.format(Locale.ROOT, "at most %.2f, or 2 ns above", bound),
                show(ratio) + "; " + show(above) + " ns",
                ratio.median() <= bound || above.median() <= NS_EQUAL));
    }

    private void visiting() {
        String group = "Visiting ranges";
        for (Shape shape : Shape.values()) {
            String benchmark = "visit " + shape;
            Samples limit = results.of(benchmark, "limit");
            Samples bitSet = results.of(benchmark, "BitSet");
            for (String name : OURS) {
                Samples ours = results.of(benchmark, name);
                switch (shape) {
                    case EMPTY, FULL ->
                        atMost(group, shape + ": " + name + " of a bitCount pass", 2, ours, limit, (a, b) -> a / b);
                    case SPARSE -> byRanges(group, shape, name, ours, limit, 256);
                    case RUNS -> byRanges(group, shape, name, ours, limit, 2_000);
                    case ONE_PERCENT ->
                        atMost(group, shape + ": " + name + " of BitSet", 0.8, ours, bitSet, (a, b) -> a / b);
                    case HALF -> atMost(group, shape + ": " + name + " of BitSet", 0.45, ours, bitSet, (a, b) -> a / b);
                }
            }
            Samples heap = results.of(benchmark, "heap");
            Samples ffm = results.of(benchmark, "ffm");
            atMost(group, shape + ": ffm of heap", 1.10, ffm, heap, (a, b) -> a / b);
            atMost(
                    group,
                    shape + ": heap warmed with all, of with one",
                    1.15,
                    results.of(benchmark, "heap/all"),
                    heap,
                    (a, b) -> a / b);
            atMost(
                    group,
                    shape + ": ffm warmed with all, of with one",
                    1.15,
                    results.of(benchmark, "ffm/all"),
                    ffm,
                    (a, b) -> a / b);
            atMost(
                    group,
                    shape + ": mapped warmed with all, of ffm with one",
                    1.15,
                    results.of(benchmark, "mapped/all"),
                    ffm,
                    (a, b) -> a / b);
        }
    }

    private void byRanges(String group, Shape shape, String name, Samples ours, Samples limit, int ranges) {
        atMost(
                group,
                shape + ": " + name + " of two bitCount passes and 6 ns a range",
                1,
                ours,
                limit,
                (a, b) -> a / (2 * b + NS_A_RANGE * ranges));
    }

    private void wholeWords() {
        String group = "Counting and merging";
        for (String ours : List.of("heap", "ffm", "heap/all", "ffm/all", "mapped/all")) {
            atMost(
                    group,
                    "count: " + ours + " of the loop over a long[]",
                    1.10,
                    results.of("count", ours),
                    results.of("count", "limit"),
                    (a, b) -> a / b);
            atMost(
                    group,
                    "merge: " + ours + " of the loop over two long[]",
                    ours.startsWith("heap") ? 1.10 : 1.5,
                    results.of("merge", ours),
                    results.of("merge", "limit"),
                    (a, b) -> a / b);
        }
    }

    private void windows() {
        for (String ours : List.of("heap", "ffm", "heap/all", "mapped", "mapped/all")) {
            for (int windows : new int[] {1, 1024}) {
                String benchmark = "forEach " + windows;
                if (results.has(benchmark, ours)) {
                    Samples samples = results.of(benchmark, ours);
                    atMost(
                            "Iterating",
                            ours + ", " + windows + " windows: ns a window",
                            20,
                            samples,
                            samples,
                            (a, b) -> a / windows);
                }
            }
        }
    }

    private void scale() {
        for (String ours : OURS) {
            double least = Double.MAX_VALUE;
            double most = 0;
            StringBuilder ratios = new StringBuilder();
            for (String gib : List.of("1", "64", "1024")) {
                Figure ratio = Results.figure(
                        results.of("visitEmpty " + gib, ours),
                        results.of("visitEmpty " + gib, "limit"),
                        (a, b) -> a / b);
                ratios.append(ratios.isEmpty() ? "" : "; ").append(show(ratio));
                least = Math.min(least, ratio.median());
                most = Math.max(most, ratio.median());
            }
            rows.add(new Row(
                    "Scale",
                    ours + " of a bitCount pass over 1, 64 and 1,024 GiB: the largest ratio of the least",
                    "at most 1.30",
                    String.format(Locale.ROOT, "%.2f (%s)", most / least, ratios),
                    most / least <= 1.3));
            double small = results.of("allocate 1", ours).bytes();
            double large = results.of("allocate 1024", ours).bytes();
            rows.add(new Row(
                    "Scale",
                    ours + ": bytes beyond the words, 1 GiB and 1 TiB",
                    "the same",
                    String.format(Locale.ROOT, "%.0f and %.0f", small, large),
                    Math.abs(small - large) < 1));
        }
    }

    private void allocation() {
        List<String> some = new ArrayList<>();
        results.all()
                .forEach((benchmark, subjects) -> subjects.forEach((subject, samples) -> {
                    boolean ours = subject.matches("(heap|ffm|mapped).*") && !benchmark.startsWith("allocate");
                    // JMH's own threads allocate too, as time passes; the loops over plain arrays show how much
                    double noise = 0.5 + samples.median() * HARNESS_BYTES_A_NS;
                    if (ours && samples.bytes() > noise) {
                        some.add(String.format(Locale.ROOT, "%s of %s: %.1f", benchmark, subject, samples.bytes()));
                    }
                }));
        rows.add(new Row(
                "Allocation",
                "bytes an operation, of ours, everywhere",
                "0",
                some.isEmpty() ? "0" : String.join("; ", some),
                some.isEmpty()));
    }

    private void atMost(
            String group, String what, double bound, Samples ours, Samples theirs, DoubleBinaryOperator combine) {
        Figure figure = Results.figure(ours, theirs, combine);
        rows.add(new Row(
                group,
                what,
                String.format(Locale.ROOT, "at most %.2f", bound),
                show(figure),
                figure.median() <= bound));
    }

    private static String show(Figure figure) {
        return String.format(Locale.ROOT, "%.2f [%.2f, %.2f]", figure.median(), figure.low(), figure.high());
    }
}
