package dev.iovabitmap.conformance.merge;

import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.HtmlWriter;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.stream.XMLStreamException;

/** merged.html: the worst verdict first, then the rules that fail and where, then every report against every rule. */
public final class MergedPage {
    private final HtmlWriter html;
    private final Merged merged;
    private final List<String> rules;

    private MergedPage(HtmlWriter html, Merged merged, List<String> rules) {
        this.html = html;
        this.merged = merged;
        this.rules = rules;
    }

    /** {@return the page in UTF-8} */
    public static byte[] of(Merged merged, RuleCatalogue catalogue) {
        String title =
                merged.entries().size() + " reports: " + Wording.of(merged.verdict()) + ", IOVA bitmap conformance";
        return HtmlWriter.page(title, html -> new MergedPage(html, merged, merged.rules(catalogue)).write());
    }

    private void write() throws XMLStreamException {
        header();
        html.open("main");
        failures();
        matrix();
        subjects();
        html.close();
    }

    private void header() throws XMLStreamException {
        html.open("header", "class", merged.verdict().name().toLowerCase(Locale.ROOT));
        html.element("p", "IOVA bitmap conformance, specification " + merged.spec());
        html.open("h1");
        html.text(merged.entries().size() == 1 ? "1 report: " : merged.entries().size() + " reports, the worst: ");
        html.badge(merged.verdict(), Wording.of(merged.verdict()));
        html.close();
        Set<String> tiers = new TreeSet<>();
        merged.entries().forEach(entry -> tiers.add(entry.tier()));
        for (String tier : tiers) {
            html.open("p", "class", "tier");
            html.text("Tier ");
            html.element("b", tier);
            html.text(": " + Wording.ofTier(tier) + ".");
            html.close();
        }
        List<String> counts = new ArrayList<>();
        for (Verdict verdict : Verdict.values()) {
            long count = merged.entries().stream()
                    .filter(entry -> entry.verdict() == verdict)
                    .count();
            if (count > 0) {
                counts.add(count + " " + Wording.of(verdict));
            }
        }
        html.element("p", "Reports: " + String.join(", ", counts) + ". Each was verified first.");
        html.close();
    }

    private void failures() throws XMLStreamException {
        if (merged.entries().stream().allMatch(entry -> isFine(entry.rules().values()))) {
            return;
        }
        html.section("failures", "Rules that do not hold everywhere");
        html.open("ul");
        for (String rule : rules) {
            for (Status status : List.of(Status.FAIL, Status.ERROR, Status.NOT_RUN, Status.WAIVED)) {
                List<String> places = merged.entries().stream()
                        .filter(entry -> entry.rules().get(rule) == status)
                        .map(Merged.Entry::place)
                        .toList();
                if (!places.isEmpty()) {
                    html.open("li");
                    html.text(rule + " ");
                    html.badge(status, Wording.of(status));
                    html.text(" in " + places.size() + " of " + merged.entries().size() + ": "
                            + String.join(", ", places.subList(0, Math.min(places.size(), 20)))
                            + (places.size() > 20 ? ", ..." : ""));
                    html.close();
                }
            }
        }
        html.close();
        html.close();
    }

    private static boolean isFine(Iterable<Status> statuses) {
        for (Status status : statuses) {
            if (status != Status.PASS && status != Status.NOT_SUPPORTED) {
                return false;
            }
        }
        return true;
    }

    private void matrix() throws XMLStreamException {
        html.section("matrix", "Every report against every rule");
        html.open("p", "class", "legend");
        for (Status status : Status.values()) {
            html.text(HtmlWriter.sign(status.name()) + " " + Wording.of(status) + ". ");
        }
        html.text("Empty: the rule does not apply at that tier.");
        html.close();
        html.open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-labelledby", "matrix");
        html.open("table", "class", "wide");
        html.open("thead");
        html.open("tr");
        for (String name : List.of("Report", "Subject", "Tier", "Verdict")) {
            html.element("th", name, "scope", "col");
        }
        for (String rule : rules) {
            html.element("th", rule, "scope", "col", "class", "turned");
        }
        html.close();
        html.close();
        html.open("tbody");
        for (Merged.Entry entry : merged.entries()) {
            row(entry);
        }
        html.close();
        html.close();
        html.close();
        html.close();
    }

    private void row(Merged.Entry entry) throws XMLStreamException {
        html.open("tr");
        html.element("th", entry.place(), "scope", "row", "title", entry.machine());
        html.element(
                "td",
                entry.subject().name(entry.transport()) + " " + entry.subject().version());
        html.element("td", tier(entry));
        html.open("td");
        html.badge(entry.verdict(), Wording.of(entry.verdict()));
        html.close();
        for (String rule : rules) {
            Status status = entry.rules().get(rule);
            if (status == null) {
                html.element("td", "");
            } else {
                html.open("td", "class", status.name().toLowerCase(Locale.ROOT));
                html.element("abbr", HtmlWriter.sign(status.name()), "title", Wording.of(status));
                html.close();
            }
        }
        html.close();
    }

    private static String tier(Merged.Entry entry) {
        return entry.transport() == null ? entry.tier() : entry.tier() + ", " + entry.transport();
    }

    private void subjects() throws XMLStreamException {
        html.section("reports", "What was tested, and where");
        html.open("table", "aria-labelledby", "reports");
        html.head("Report", "Machine", "Date", "SHA-256 of the subject's jar", "SHA-256 of report.json", "Signature");
        html.open("tbody");
        for (Merged.Entry entry : merged.entries()) {
            html.open("tr");
            html.element("th", entry.place(), "scope", "row");
            html.element("td", entry.machine(), "data-label", "Machine");
            html.element("td", entry.date(), "data-label", "Date", "class", "short");
            String jar = Objects.requireNonNullElse(entry.subject().sha256(), "none: it is not a jar");
            html.element("td", jar, "data-label", "Jar");
            html.element("td", entry.report(), "data-label", "Report");
            html.element("td", entry.signed() ? "checked" : "not checked", "data-label", "Signature");
            html.close();
        }
        html.close();
        html.close();
        for (Report.Suite suite : merged.suites()) {
            html.element(
                    "p",
                    "Suite " + suite.version() + ", "
                            + Objects.requireNonNullElse(suite.sha256(), "from a directory, which no digest identifies")
                            + ".");
        }
        html.close();
    }
}
