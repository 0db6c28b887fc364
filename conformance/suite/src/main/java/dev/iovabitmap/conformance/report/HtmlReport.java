package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/** The report for people: verdict and tier first, then waivers, what failed and why, the rules, and where it ran. */
final class HtmlReport {
    private final HtmlWriter html;
    private final Report report;
    private final Judgement judgement;

    private HtmlReport(HtmlWriter html, Report report, Judgement judgement) {
        this.html = html;
        this.report = report;
        this.judgement = judgement;
    }

    static byte[] of(Report report, Judgement judgement) {
        return of(report, judgement, FaultMatrix.ofTheSuite());
    }

    static byte[] of(Report report, Judgement judgement, @Nullable FaultMatrix matrix) {
        String title = report.name() + ": " + Wording.of(report.verdict()) + " at tier " + report.tier()
                + ", IOVA bitmap conformance";
        return HtmlWriter.page(title, html -> new HtmlReport(html, report, judgement).write(matrix));
    }

    private void write(@Nullable FaultMatrix matrix) throws XMLStreamException {
        verdict();
        html.open("main");
        waivers();
        problems();
        failures();
        rules();
        environment();
        if (matrix != null) {
            matrix.draw(
                    html,
                    judgement.rules().stream().map(rule -> rule.rule().id()).toList());
        }
        html.close();
        footer();
    }

    private void verdict() throws XMLStreamException {
        html.open("header", "class", report.verdict().name().toLowerCase(Locale.ROOT));
        html.element("p", "IOVA bitmap conformance, specification " + report.spec());
        html.open("h1");
        html.text(report.name() + " (version " + report.subject().version() + "): ");
        html.badge(report.verdict(), Wording.of(report.verdict()));
        html.close();
        html.open("p", "class", "tier");
        html.text("Tier ");
        html.element("b", report.tier());
        html.text(": " + Wording.ofTier(report.tier()) + ".");
        html.close();
        List<String> counts = new ArrayList<>();
        for (Status status : Status.values()) {
            long count = judgement.count(status);
            if (count > 0) {
                counts.add(count + " " + Wording.of(status));
            }
        }
        html.element("p", "Rules: " + String.join(", ", counts) + ". " + meaning());
        html.close();
    }

    private String meaning() {
        return switch (report.verdict()) {
            case CERTIFIED -> "Every rule that applies holds.";
            case CERTIFIED_WITH_WAIVERS ->
                "Not every rule holds: the waivers below say which fails, who answers for it, and until when.";
            case NOT_CERTIFIED -> "A rule that applies does not hold, or could not be judged.";
        };
    }

    private void waivers() throws XMLStreamException {
        if (report.waivers().isEmpty()) {
            return;
        }
        html.section("waivers", "Waivers");
        html.element("p", "A waived rule fails. Each waiver was judged on " + report.date() + ".");
        html.open("table");
        html.head("Rule", "Until", "Owner", "Reason", "Tracked at", "State");
        html.open("tbody");
        for (Waiver waiver : report.waivers()) {
            boolean used = judgement.waivedRules().contains(waiver.rule());
            html.open("tr");
            html.element("th", waiver.rule(), "scope", "row");
            html.element("td", waiver.expires(), "data-label", "Until", "class", "short");
            html.element("td", waiver.owner(), "data-label", "Owner");
            html.element("td", waiver.reason(), "data-label", "Reason");
            html.open("td", "data-label", "Tracked at");
            html.element("a", waiver.url(), "href", waiver.url(), "rel", "noreferrer");
            html.close();
            html.element("td", used ? "in use" : "unused: the rule does not fail", "data-label", "State");
            html.close();
        }
        html.close();
        html.close();
        for (TestVerdict test : judgement.waivedFailures()) {
            failure(test);
        }
        html.close();
    }

    private void problems() throws XMLStreamException {
        if (report.problems().isEmpty() && report.attachments().isEmpty()) {
            return;
        }
        html.section("run", "The run");
        if (!report.problems().isEmpty()) {
            html.open("ul");
            for (String problem : report.problems()) {
                html.open("li");
                html.element("pre", problem);
                html.close();
            }
            html.close();
        }
        if (!report.attachments().isEmpty()) {
            html.open("p");
            html.text("Attached:");
            for (String attachment : report.attachments()) {
                html.text(" ");
                html.element("a", attachment, "href", attachment);
            }
            html.close();
        }
        html.close();
    }

    private void failures() throws XMLStreamException {
        List<TestVerdict> failed = judgement.failures();
        if (failed.isEmpty()) {
            return;
        }
        html.section("failures", "What failed");
        html.element(
                "p", "Rules that failed, the most suspect first: " + String.join(", ", judgement.failedRules()) + ".");
        for (TestVerdict test : failed) {
            failure(test);
        }
        html.close();
    }

    private void failure(TestVerdict test) throws XMLStreamException {
        html.open("article");
        html.open("h3");
        html.badge(test.status(), Wording.of(test.status()));
        html.text(" " + String.join(", ", test.test().rules()) + ": "
                + test.test().id());
        html.close();
        List<String> lines = test.message().lines().toList();
        int start = 0; // FailureText begins with the texts of the rules, one a line
        while (start < lines.size() && !lines.get(start).startsWith("test ")) {
            html.element("p", lines.get(start), "class", "rule");
            start++;
        }
        List<WordPicture> words = WordPicture.in(test.message());
        for (WordPicture word : words) {
            word.draw(html);
        }
        if (!words.isEmpty()) {
            html.element(
                    "p",
                    "Upper row: expected. Lower row: found. Filled: 1. A frame and an arrow mark each bit that differs.",
                    "class",
                    "legend");
        }
        html.element("pre", lines.stream().skip(start).collect(Collectors.joining("\n")));
        html.close();
    }

    private void rules() throws XMLStreamException {
        html.section("rules", "Rules");
        Map<String, List<RuleVerdict>> groups = new LinkedHashMap<>();
        for (RuleVerdict rule : judgement.rules()) {
            groups.computeIfAbsent(rule.rule().group(), group -> new ArrayList<>())
                    .add(rule);
        }
        for (Map.Entry<String, List<RuleVerdict>> group : groups.entrySet()) {
            html.element("h3", group.getKey(), "id", "group-" + group.getKey());
            html.open("table", "aria-labelledby", "group-" + group.getKey());
            html.head("Rule", "Level", "Status", "What it says", "Tests");
            html.open("tbody");
            for (RuleVerdict rule : group.getValue()) {
                row(rule);
            }
            html.close();
            html.close();
        }
        html.close();
    }

    private void row(RuleVerdict rule) throws XMLStreamException {
        html.open("tr", "id", rule.rule().id());
        html.element("th", rule.rule().id(), "scope", "row");
        String grace = RuleCatalogue.load()
                .graceUntil(rule.rule())
                .map(from -> " from " + from + " on")
                .orElse("");
        html.element("td", rule.rule().level().name() + grace, "class", "short");
        html.open("td", "class", "short");
        html.badge(rule.status(), Wording.of(rule.status()));
        html.close();
        html.open("td");
        html.text(rule.rule().text());
        if (rule.status() == Status.NOT_SUPPORTED || rule.status() == Status.NOT_RUN) {
            html.element("p", rule.message());
        }
        html.close();
        html.open("td");
        tests(rule.tests());
        html.close();
        html.close();
    }

    /** Names of tests are long and many; they are folded away unless one did not pass. */
    private void tests(List<TestVerdict> tests) throws XMLStreamException {
        if (tests.isEmpty()) {
            html.text("none");
            return;
        }
        boolean open = tests.stream().anyMatch(test -> test.status() != Status.PASS);
        html.open("details", open ? new String[] {"open", ""} : new String[0]);
        html.element("summary", tests.size() == 1 ? "1 test" : tests.size() + " tests");
        html.open("ul");
        for (TestVerdict test : tests) {
            String name = test.test().id();
            html.element("li", test.status() == Status.PASS ? name : name + " " + Wording.of(test.status()));
        }
        html.close();
        html.close();
    }

    private void environment() throws XMLStreamException {
        html.section("environment", "What was tested, and where");
        html.open("table", "class", "facts", "aria-labelledby", "environment");
        html.open("tbody");
        Report.Subject subject = report.subject();
        html.fact("Provider class", subject.className());
        html.fact("Loaded from", Objects.requireNonNullElse(subject.file(), subject.location()));
        html.fact("SHA-256 of the jar", Objects.requireNonNullElse(subject.sha256(), "none: it is not a jar"));
        html.fact("Features", report.features().isEmpty() ? "none" : String.join(", ", report.features()));
        html.fact("Tier", report.tier() + ": " + Wording.ofTier(report.tier()));
        html.fact("Transport", Objects.requireNonNullElse(report.transport(), "none"));
        if (!report.variants().isEmpty()) {
            html.fact("Variants of the device", String.join(", ", report.variants()));
        }
        if (report.simulated() != null) {
            html.fact("SHA-256 of the simulated report", report.simulated());
        }
        html.fact("Seed", report.seed().toString());
        html.fact("Date", report.date());
        html.fact("Suite", report.suite().version());
        html.fact(
                "SHA-256 of the suite",
                Objects.requireNonNullElse(report.suite().sha256(), "none: it is not a jar"));
        Report.Environment environment = report.environment();
        html.fact("Java", environment.java() + ", " + environment.vm());
        html.fact("System", environment.os() + ", " + environment.arch());
        if (environment.kernel() != null) {
            html.fact("Kernel", environment.kernel().inWords());
        }
        html.fact("Processors", String.valueOf(environment.processors()));
        html.close();
        html.close();
        html.close();
    }

    private void footer() throws XMLStreamException {
        html.open("footer");
        html.element(
                "p",
                "This page follows from report.json beside it. iova-bitmap verify holds all files of the directory against"
                        + " each other; a signature, if there is one, is in statement.dsse.json.");
        html.close();
    }
}
