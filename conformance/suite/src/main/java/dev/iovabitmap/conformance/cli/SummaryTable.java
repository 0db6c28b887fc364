package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.rules.Tier;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table at the end. */
final class SummaryTable {
    private final List<List<String>> rows = new ArrayList<>();

    SummaryTable() {
        rows.add(List.of(
                "SUBJECT",
                "VERSION",
                "TIER",
                "VERDICT",
                "RULES PASSED",
                "FAILED",
                "WAIVED",
                "NOT JUDGED",
                "NOT SUPPORTED",
                "REPORT"));
    }

    void add(String name, String version, Tier tier, Judgement judgement, Path report) {
        rows.add(List.of(
                name,
                Printable.of(version),
                tier.toString(),
                Wording.of(judgement.verdict()),
                String.valueOf(judgement.count(Status.PASS)),
                String.valueOf(judgement.count(Status.FAIL)),
                String.valueOf(judgement.count(Status.WAIVED)),
                String.valueOf(judgement.count(Status.ERROR) + judgement.count(Status.NOT_RUN)),
                String.valueOf(judgement.count(Status.NOT_SUPPORTED)),
                near(report)));
    }

    private static String near(Path report) {
        Path here = Path.of("").toAbsolutePath();
        return Printable.of((report.startsWith(here) ? here.relativize(report) : report).toString());
    }

    void print(PrintWriter out) {
        out.println();
        int columns = rows.get(0).size();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(each -> each.get(at).length())
                        .max()
                        .orElse(0);
                line.append(row.get(column));
                if (column < columns - 1) {
                    line.repeat(' ', width - row.get(column).length() + 2);
                }
            }
            out.println(line);
        }
    }
}
