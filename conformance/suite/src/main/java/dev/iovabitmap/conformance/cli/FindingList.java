package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.spi.Finding;
import java.io.PrintWriter;
import java.util.List;

/** Findings in lines that need no colour: a mark, a name, what it means, and below it the command that mends it. */
final class FindingList {
    private static final int MARK = 9;
    private static final int LONGEST_NAME = 40;
    private static final int LONGEST_TEXT = 800;

    private final PrintWriter out;

    FindingList(PrintWriter out) {
        this.out = out;
    }

    void print(String title, List<Finding> findings) {
        if (findings.isEmpty()) {
            return;
        }
        int width = findings.stream()
                .mapToInt(finding -> line(finding.name(), LONGEST_NAME).length())
                .max()
                .orElse(0);
        out.println(line(title, LONGEST_TEXT));
        for (Finding finding : findings) {
            String name = line(finding.name(), LONGEST_NAME);
            out.println("  " + pad(mark(finding.status()), MARK) + pad(name, width + 2)
                    + line(finding.meaning(), LONGEST_TEXT));
            if (!finding.mend().isEmpty()) {
                out.println("  " + pad("", MARK) + "  mend: " + line(finding.mend(), LONGEST_TEXT));
            }
        }
        out.println();
    }

    private static String mark(Finding.Status status) {
        return switch (status) {
            case OK -> "ok";
            case MISSING -> "MISSING";
            case LIMITED -> "limited";
            case UNKNOWN -> "?";
        };
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String line(String text, int longest) {
        String shown = text.length() <= longest ? text : text.substring(0, longest) + "...";
        return Printable.of(shown).replaceAll("[\n\t]", "?");
    }
}
