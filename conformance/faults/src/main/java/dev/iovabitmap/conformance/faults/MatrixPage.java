package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.faults.Matrix.Lost;
import dev.iovabitmap.conformance.faults.Matrix.Row;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Renders the matrix as {@code docs/fault-matrix.md}. */
final class MatrixPage {
    private MatrixPage() {}

    static String of(Matrix matrix, RuleCatalogue catalogue) {
        StringBuilder page = new StringBuilder(
                """
                # Fault matrix

                This page is generated from the faults in `conformance/faults` and what the suite made of them. A conformance suite
                is worth what it catches, so here is what it catches: %d implementations, each wrong in one place. All tests that
                apply to a fault ran on it, %s, with seed %s and each property with its usual number of tries. So a rule
                that is named for a fault has a test that fails, and the tests of a rule that is not named passed with that seed. The
                exceptions are rules that speak of what a fault lacks: %s. %s

                Every build tries each fault with the tests of the rules that it breaks: a rule without a fault, a fault that
                survives, and a rule or a fault that is missing here break it. All rules on all faults take too long for that;
                they are tried each night, and a cell that changed fails that run. The real backends, `heap`, `heap-concurrent`, `ffm`,
                `ffm-concurrent` and `vfio` in memory and with each transport on a simulated kernel, fail no test.

                B and R numbers are entries of the bug history of the kernel's implementation (B: fixed since, R: open). They are
                re-enacted here by what could be seen from outside, not by code. B5, a missing include, and B16, a redesign, are no
                bugs of behaviour. HW entries are what kernels and drivers do by design to a session that asks them carelessly;
                faults of group HW run on a device at tier simulated, where only what a test asserts counts, and not what the
                model of the device throws. Where a fault is not from that history, its source is that of the rule.

                ## By rule

                A test often verifies several rules, and a fault of one rule shows in others: bits that are lost, for one, show in
                whatever looks at bits. "Its own" are the faults that were made to break the rule.

                | rule | its own faults | of them failed | other faults failed | not tried on |
                |---|---:|---:|---:|---:|
                """.formatted(matrix.faults().size(), days(matrix), matrix.seed(), notTried(matrix), lost(matrix)));
        for (Rule rule : catalogue.rules()) {
            String id = rule.id();
            page.append("| ").append(id).append(" | ");
            if (rule.scope() == Scope.DOCUMENT) {
                page.append("no test can see it | | | |\n");
            } else {
                Predicate<Row> own = row -> row.rules().contains(id);
                Predicate<Row> caught = row -> row.caughtBy().contains(id);
                page.append("%d | %d | %d | %d |\n"
                        .formatted(
                                count(matrix, own),
                                count(matrix, own.and(caught)),
                                count(matrix, caught.and(own.negate())),
                                count(matrix, row -> row.notTried().contains(id))));
            }
        }
        thin(page, matrix);
        table(page, "The kernel's history", rows(matrix, true));
        table(page, "Other mistakes", rows(matrix, false));
        return page.toString();
    }

    private static String days(Matrix matrix) {
        List<String> days =
                matrix.faults().stream().map(Row::tried).distinct().sorted().toList();
        return days.size() == 1 ? "on " + days.get(0) : "from " + days.get(0) + " to " + days.get(days.size() - 1);
    }

    /** {@return the rules that were not tried on some faults} */
    private static String notTried(Matrix matrix) {
        return matrix.rules().stream()
                .filter(rule -> count(matrix, row -> row.notTried().contains(rule)) > 0)
                .collect(Collectors.joining(", "));
    }

    private static String lost(Matrix matrix) {
        long lost = count(matrix, row -> !row.lost().isEmpty());
        return lost == 0
                ? "Each test came to its end on each fault, in a JVM for each fault."
                : "%d faults hung, or ended their JVM, in some tests; the others went on in a new one.".formatted(lost);
    }

    private static long count(Matrix matrix, Predicate<Row> which) {
        return matrix.faults().stream().filter(which).count();
    }

    /** Where little holds a rule or a fault. */
    private static void thin(StringBuilder page, Matrix matrix) {
        page.append("\n## Where the suite is thin\n\n");
        page.append("Rules that no fault of another rule touches: ")
                .append(list(matrix.rules().stream()
                        .filter(rule -> count(
                                        matrix,
                                        row -> row.caughtBy().contains(rule)
                                                && !row.rules().contains(rule))
                                == 0)
                        .toList()))
                .append(". Their own faults alone show that their tests work.\n\n");
        page.append("Faults that a single test notices, so that nothing is left if it goes:\n\n");
        page.append("| rule | faults |\n|---|---|\n");
        for (String rule : matrix.rules()) {
            List<String> ids = matrix.faults().stream()
                    .filter(row -> row.tests() == 1 && row.rules().get(0).equals(rule))
                    .map(row -> "`" + row.id() + "`")
                    .toList();
            if (!ids.isEmpty()) {
                page.append("| %s | %s |\n".formatted(rule, String.join(", ", ids)));
            }
        }
    }

    private static String list(List<String> rules) {
        return rules.isEmpty() ? "none" : String.join(", ", rules);
    }

    private static List<Row> rows(Matrix matrix, boolean history) {
        return matrix.faults().stream()
                .filter(row -> row.id().matches("([BR]|HW-)\\d.*") == history)
                .toList();
    }

    private static void table(StringBuilder page, String title, List<Row> rows) {
        page.append("\n## ").append(title).append("\n\n");
        page.append(
                "| fault | what is wrong | source | breaks | also failed by | tests |\n|---|---|---|---|---|---:|\n");
        for (Row row : rows) {
            String also = row.caughtBy().stream()
                    .filter(rule -> !row.rules().contains(rule))
                    .collect(Collectors.joining(", "));
            String lost = row.lost().stream().map(MatrixPage::say).collect(Collectors.joining("; "));
            page.append("| `%s` | %s | %s | %s | %s | %d |\n"
                    .formatted(
                            row.id(),
                            row.wrong(),
                            row.reEnacts(),
                            String.join(", ", row.rules()),
                            also + (also.isEmpty() || lost.isEmpty() ? "" : "; ") + lost,
                            row.tests()));
        }
    }

    private static String say(Lost lost) {
        return lost.how() + (lost.rules().isEmpty() ? "" : " in tests of " + String.join(", ", lost.rules()));
    }
}
