package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * Which deliberately wrong backend is caught by the tests of which rules: what the suite is worth, as data.
 *
 * @param faults the wrong backends
 */
record FaultMatrix(List<Fault> faults) {
    private static final int CELL = 10;
    private static final int LEFT = 50;

    /**
     * A wrong backend.
     *
     * @param id its name
     * @param wrong what is wrong with it
     * @param reEnacts the commit or source of the bug
     * @param rules the rules that it breaks
     * @param caughtBy the rules whose tests fail on it
     */
    record Fault(String id, String wrong, String reEnacts, List<String> rules, List<String> caughtBy) {}

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
                        .anyMatch(rule ->
                                fault.rules().contains(rule) || fault.caughtBy().contains(rule)))
                .toList();
        html.section("faults", "What these rules catch");
        html.element(
                "p",
                shown.size()
                        + " deliberately wrong backends, a column each, were held against the tests of the rules that they were"
                        + " made to break, which rings mark. A filled cell says that a test of its rule failed; an empty"
                        + " one says nothing, since the other tests of that rule were not run. "
                        + (faults.size() - shown.size()) + " more break rules that this report does not speak of.");
        int height = rules.size() * CELL + 2;
        int width = LEFT + shown.size() * CELL + 2;
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
        for (int row = 0; row < rules.size(); row++) {
            String rule = rules.get(row);
            int y = 1 + row * CELL;
            if (row % 2 == 0) { // so that an eye finds its way along the row
                html.empty("path", "class", "stripe", "d", "M0 " + y + "h" + (width - 1) + "v" + CELL + "H0z");
            }
            html.element("text", rule, "x", "1", "y", String.valueOf(y + 8));
            for (int column = 0; column < shown.size(); column++) {
                draw(html, shown.get(column), rule, LEFT + column * CELL, y);
            }
        }
        html.close();
        html.close();
        list(html, rules);
        html.close();
    }

    private static void draw(HtmlWriter html, Fault fault, String rule, int x, int y) throws XMLStreamException {
        boolean caught = fault.caughtBy().contains(rule);
        boolean own = fault.rules().contains(rule);
        if (!caught && !own) {
            return;
        }
        html.open(
                "rect",
                "class",
                (caught ? "caught" : "missed") + (own ? " own" : ""),
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

    private void list(HtmlWriter html, List<String> rules) throws XMLStreamException {
        html.open("details");
        html.element("summary", "The faults of each rule");
        html.open("dl");
        for (String rule : rules) {
            List<Fault> own = faults.stream()
                    .filter(fault -> fault.rules().contains(rule))
                    .toList();
            if (!own.isEmpty()) {
                html.element("dt", rule);
                for (Fault fault : own) {
                    String fate = fault.caughtBy().contains(rule) ? "caught" : "missed";
                    html.element("dd", fault.id() + ", " + fate + ": " + fault.wrong() + " (" + fault.reEnacts() + ")");
                }
            }
        }
        html.close();
        html.close();
    }
}
