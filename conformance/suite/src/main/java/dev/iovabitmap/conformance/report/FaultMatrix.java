package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * Which deliberately wrong backend is caught by the tests of which rules: what the suite is worth, as data.
 *
 * @param seed the seed of the runs
 * @param faults the wrong backends
 */
record FaultMatrix(String seed, List<Fault> faults) {
    private static final int CELL = 10;
    private static final int LEFT = 50;
    private static final int TOP = 12;

    /**
     * A wrong backend.
     *
     * @param id its name
     * @param wrong what is wrong with it
     * @param reEnacts the commit or source of the bug
     * @param rules the rules that it breaks
     * @param notTried the rules of which no test applies to it
     * @param tried the day of the run
     * @param caughtBy the rules whose tests fail on it
     * @param lost the tests that never came to their end
     */
    record Fault(
            String id,
            String wrong,
            String reEnacts,
            List<String> rules,
            List<String> notTried,
            String tried,
            List<String> caughtBy,
            List<Lost> lost) {
        boolean isOf(String rule) {
            return rules.contains(rule);
        }

        boolean isCaughtBy(String rule) {
            return caughtBy.contains(rule);
        }

        boolean isLostIn(String rule) {
            return lost.stream().anyMatch(each -> each.rules().contains(rule));
        }
    }

    /**
     * Tests that never came to their end.
     *
     * @param how what became of their JVM
     * @param rules the rules that they verify, and that no test failed otherwise
     */
    record Lost(String how, List<String> rules) {}

    private static final @Nullable FaultMatrix OF_THE_SUITE = load();

    /** {@return the matrix that this suite comes with, or null} */
    static @Nullable FaultMatrix ofTheSuite() {
        return OF_THE_SUITE;
    }

    private static @Nullable FaultMatrix load() {
        try (InputStream in = FaultMatrix.class.getResourceAsStream("matrix.json")) {
            return in == null ? null : read(in.readAllBytes());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static FaultMatrix read(byte[] content) {
        return Json.readLeniently(content, FaultMatrix.class);
    }

    /** Draws a row for each rule and a column for each fault that has to do with one of them; and says the same in words. */
    void draw(HtmlWriter html, List<String> rules) throws XMLStreamException {
        List<Fault> shown = faults.stream()
                .filter(fault -> rules.stream()
                        .anyMatch(rule -> fault.isOf(rule) || fault.isCaughtBy(rule) || fault.isLostIn(rule)))
                .toList();
        html.section("faults", "What these rules catch");
        html.element(
                "p",
                shown.size()
                        + " deliberately wrong backends, a column each, were held against all tests of these rules that"
                        + " apply to them" + days(shown) + ", with seed " + seed + ". "
                        + (faults.size() - shown.size()) + " more have nothing to do with these rules.");
        html.open("p", "class", "legend");
        html.text(
                "Large square: made to break this rule, and a test of it failed. Small square: made to break another rule,"
                        + " and a test of this one failed as well. ");
        if (shown.stream().anyMatch(fault -> rules.stream().anyMatch(fault::isLostIn))) {
            html.text("Cross: a test of this rule never came to its end. ");
        }
        html.text(
                "Dash: not tried, as the backend lacks what the rule speaks of. Empty: all tests of the rule passed.");
        html.close();
        int height = TOP + rules.size() * CELL + 2;
        int width = xOf(shown.size()) + CELL; // the number of the last column sticks out
        html.open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-labelledby", "faults");
        html.open(
                "svg",
                "class",
                "matrix",
                "width",
                String.valueOf(width),
                "height",
                String.valueOf(height),
                "viewBox",
                "0 0 " + width + " " + height,
                "role",
                "img",
                "aria-label",
                "A matrix of rules and faults; the list below says the same");
        for (int column = 10; column <= shown.size(); column += 10) {
            html.element(
                    "text",
                    String.valueOf(column),
                    "class",
                    "column",
                    "x",
                    String.valueOf(xOf(column - 1) + CELL / 2),
                    "y",
                    "9");
        }
        for (int row = 0; row < rules.size(); row++) {
            drawRow(html, rules.get(row), shown, TOP + row * CELL, row % 2 == 0);
        }
        html.close();
        html.close();
        list(html, rules, shown);
        html.close();
    }

    private static String days(List<Fault> shown) {
        List<String> days = shown.stream().map(Fault::tried).distinct().sorted().toList();
        return switch (days.size()) {
            case 0 -> "";
            case 1 -> " on " + days.get(0);
            default -> " from " + days.get(0) + " to " + days.get(days.size() - 1);
        };
    }

    private static int xOf(int column) {
        return LEFT + column * CELL;
    }

    private static void drawRow(HtmlWriter html, String rule, List<Fault> shown, int y, boolean striped)
            throws XMLStreamException {
        if (striped) { // so that an eye finds its way along the row
            html.empty("path", "class", "stripe", "d", "M0 " + y + "h" + xOf(shown.size()) + "v" + CELL + "H0z");
        }
        html.element("text", rule, "x", "1", "y", String.valueOf(y + 8));
        StringBuilder others = new StringBuilder();
        StringBuilder lost = new StringBuilder();
        StringBuilder notTried = new StringBuilder();
        for (int column = 0; column < shown.size(); column++) {
            Fault fault = shown.get(column);
            int x = xOf(column);
            if (fault.isOf(rule)) {
                drawOwn(html, fault, rule, x, y);
            } else if (fault.isCaughtBy(rule)) {
                others.append("M%d %dh4v4h-4z".formatted(x + 3, y + 3));
            } else if (fault.isLostIn(rule)) {
                lost.append("M%d %dl6 6m0-6l-6 6".formatted(x + 2, y + 2));
            } else if (fault.notTried().contains(rule)) {
                notTried.append("M%d %dh4".formatted(x + 3, y + 5));
            }
        }
        drawPath(html, "others", others);
        drawPath(html, "lost", lost);
        drawPath(html, "untried", notTried);
    }

    /** One path for all cells of a kind in a row keeps the report small. */
    private static void drawPath(HtmlWriter html, String kind, StringBuilder cells) throws XMLStreamException {
        if (!cells.isEmpty()) {
            html.empty("path", "class", kind, "d", cells.toString());
        }
    }

    private static void drawOwn(HtmlWriter html, Fault fault, String rule, int x, int y) throws XMLStreamException {
        boolean caught = fault.isCaughtBy(rule);
        html.open(
                "rect",
                "class",
                caught ? "caught" : "missed",
                "x",
                String.valueOf(x + 1),
                "y",
                String.valueOf(y + 1),
                "width",
                "8",
                "height",
                "8");
        html.element("title", rule + (caught ? " catches " : " misses ") + fault.id() + ": " + fault.wrong());
        html.close();
    }

    private static void list(HtmlWriter html, List<String> rules, List<Fault> shown) throws XMLStreamException {
        html.open("details");
        html.element("summary", "The faults of each rule, by column");
        html.open("dl");
        for (String rule : rules) {
            html.element("dt", rule);
            for (int column = 0; column < shown.size(); column++) {
                Fault fault = shown.get(column);
                if (fault.isOf(rule)) {
                    String fate = fault.isCaughtBy(rule) ? "caught" : "missed";
                    html.element(
                            "dd",
                            (column + 1) + ": " + fault.id() + ", " + fate + ": " + fault.wrong() + " ("
                                    + fault.reEnacts() + ")");
                }
            }
            listColumns(html, "also caught: ", shown, fault -> !fault.isOf(rule) && fault.isCaughtBy(rule));
            listColumns(html, "never ended: ", shown, fault -> !fault.isOf(rule) && fault.isLostIn(rule));
            listColumns(html, "not tried: ", shown, fault -> fault.notTried().contains(rule));
        }
        html.close();
        html.close();
    }

    private static void listColumns(HtmlWriter html, String what, List<Fault> shown, Predicate<Fault> which)
            throws XMLStreamException {
        List<String> stretches = new ArrayList<>();
        for (int column = 0; column < shown.size(); column++) {
            if (which.test(shown.get(column))) {
                int first = column + 1;
                while (column + 1 < shown.size() && which.test(shown.get(column + 1))) {
                    column++;
                }
                stretches.add(first == column + 1 ? String.valueOf(first) : first + " to " + (column + 1));
            }
        }
        if (!stretches.isEmpty()) {
            html.element("dd", what + String.join(", ", stretches));
        }
    }
}
