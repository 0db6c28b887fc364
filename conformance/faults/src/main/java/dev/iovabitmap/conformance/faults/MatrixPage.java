package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.faults.Matrix.Row;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.List;
import java.util.stream.Collectors;

/** Renders the matrix as {@code docs/fault-matrix.md}. */
final class MatrixPage {
    private MatrixPage() {}

    static String of(Matrix matrix, RuleCatalogue catalogue) {
        StringBuilder page = new StringBuilder("""
                # Fault matrix

                This page is generated from the faults in `conformance/faults` and what the suite made of them; a test holds it
                up to date. A conformance suite is worth what it catches, so here is what it catches: %d implementations, each
                wrong in one place. On each run the tests of the rules that it breaks, many of which verify other rules as well;
                "caught by" has every rule of which one failed. That another rule is not named says nothing: its tests were not
                tried. A fault that marks wrong bits fails properties of more than 20 rules, each of which is shrunk, so that all tests
                on all faults would take longer than the rest of the build. Every fault is failed by a test of the rule that it
                breaks, in every build; a rule without a fault, or a fault that survives, breaks the build. The real backends,
                `heap`, `heap-concurrent`, `ffm`, `ffm-concurrent` and `vfio` in memory and with each transport on a simulated
                kernel, fail no test.

                B and R numbers are entries of the bug history of the kernel's implementation (B: fixed since, R: open). They are
                re-enacted here by what could be seen from outside, not by code. B5, a missing include, and B16, a redesign, are no
                bugs of behaviour. HW entries are what kernels and drivers do by design to a session that asks them carelessly;
                faults of group HW run on a device at tier simulated. Where a fault is not from that history, its source is that of the rule.

                ## By rule

                | rule | faults that break it | faults that tests of it failed |
                |---|---:|---:|
                """.formatted(matrix.faults().size()));
        for (Rule rule : catalogue.rules()) {
            page.append("| ").append(rule.id()).append(" | ");
            if (rule.scope() == Scope.DOCUMENT) {
                page.append("no test can see it | |\n");
            } else {
                long own = matrix.faults().stream()
                        .filter(row -> row.rules().contains(rule.id()))
                        .count();
                long all = matrix.faults().stream()
                        .filter(row -> row.caughtBy().contains(rule.id()))
                        .count();
                page.append(own).append(" | ").append(all).append(" |\n");
            }
        }
        table(page, "The kernel's history", rows(matrix, true));
        table(page, "Other mistakes", rows(matrix, false));
        return page.toString();
    }

    private static List<Row> rows(Matrix matrix, boolean history) {
        return matrix.faults().stream()
                .filter(row -> row.id().matches("([BR]|HW-)\\d.*") == history)
                .toList();
    }

    private static void table(StringBuilder page, String title, List<Row> rows) {
        page.append("\n## ").append(title).append("\n\n");
        page.append("| fault | what is wrong | source | breaks | also caught by |\n|---|---|---|---|---|\n");
        for (Row row : rows) {
            String also = row.caughtBy().stream()
                    .filter(rule -> !row.rules().contains(rule))
                    .collect(Collectors.joining(", "));
            page.append("| `%s` | %s | %s | %s | %s |\n"
                    .formatted(row.id(), row.wrong(), row.reEnacts(), String.join(", ", row.rules()), also));
        }
    }
}
