package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The report for people: one file, no script, verdict first. */
final class HtmlReport {
    private final XMLStreamWriter html;
    private final Report report;
    private final Judgement judgement;

    private HtmlReport(XMLStreamWriter html, Report report, Judgement judgement) {
        this.html = html;
        this.report = report;
        this.judgement = judgement;
    }

    static byte[] of(Report report, Judgement judgement) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter html = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new HtmlReport(html, report, judgement).write();
            html.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void write() throws XMLStreamException {
        String title = report.subject().name(report.transport()) + ": " + Wording.of(report.verdict()) + " at tier "
                + report.tier();
        html.writeDTD("<!DOCTYPE html>\n");
        html.writeStartElement("html");
        html.writeAttribute("lang", "en");
        html.writeStartElement("head");
        meta("charset", "utf-8");
        html.writeEmptyElement("meta");
        html.writeAttribute("name", "viewport");
        html.writeAttribute("content", "width=device-width, initial-scale=1");
        element("title", "IOVA bitmap conformance, " + title);
        element("style", style());
        html.writeEndElement();
        html.writeStartElement("body");
        html.writeStartElement("main");
        verdict();
        problems();
        failures();
        rules();
        environment();
        html.writeEndElement();
        html.writeEndElement();
        html.writeEndElement();
        html.writeEndDocument();
    }

    private void verdict() throws XMLStreamException {
        html.writeStartElement("header");
        html.writeAttribute("class", report.verdict().name().toLowerCase(Locale.ROOT));
        element("p", "IOVA bitmap conformance, specification " + report.spec());
        html.writeStartElement("h1");
        String version = report.subject().version();
        text(report.subject().name(report.transport()) + " (version " + version + "): ");
        badge(report.verdict().name(), Wording.of(report.verdict()));
        html.writeEndElement();
        element("p", "Tier " + report.tier() + ": " + Wording.ofTier(report.tier()) + ".");
        List<String> counts = new ArrayList<>();
        for (Status status : Status.values()) {
            long count = judgement.count(status);
            if (count > 0) {
                counts.add(count + " " + Wording.of(status));
            }
        }
        element("p", "Rules: " + String.join(", ", counts) + ".");
        html.writeEndElement();
    }

    private void problems() throws XMLStreamException {
        if (report.problems().isEmpty() && report.attachments().isEmpty()) {
            return;
        }
        section("The run");
        if (!report.problems().isEmpty()) {
            html.writeStartElement("ul");
            for (String problem : report.problems()) {
                html.writeStartElement("li");
                element("pre", problem);
                html.writeEndElement();
            }
            html.writeEndElement();
        }
        if (!report.attachments().isEmpty()) {
            html.writeStartElement("p");
            text("Attached:");
            for (String attachment : report.attachments()) {
                text(" ");
                html.writeStartElement("a");
                html.writeAttribute("href", attachment);
                text(attachment);
                html.writeEndElement();
            }
            html.writeEndElement();
        }
        html.writeEndElement();
    }

    private void failures() throws XMLStreamException {
        List<TestVerdict> failed = judgement.failures();
        if (failed.isEmpty()) {
            return;
        }
        section("Failures");
        element("p", "Rules that failed, the most suspect first: " + String.join(", ", judgement.failedRules()) + ".");
        for (TestVerdict test : failed) {
            html.writeStartElement("article");
            html.writeStartElement("h3");
            badge(test.status().name(), Wording.of(test.status()));
            text(" " + String.join(", ", test.test().rules()) + ": "
                    + test.test().id());
            html.writeEndElement();
            element("pre", test.message());
            html.writeEndElement();
        }
        html.writeEndElement();
    }

    private void rules() throws XMLStreamException {
        section("Rules");
        Map<String, List<RuleVerdict>> groups = new LinkedHashMap<>();
        for (RuleVerdict rule : judgement.rules()) {
            groups.computeIfAbsent(rule.rule().group(), group -> new ArrayList<>())
                    .add(rule);
        }
        for (Map.Entry<String, List<RuleVerdict>> group : groups.entrySet()) {
            element("h3", group.getKey());
            html.writeStartElement("table");
            head("Rule", "Level", "Status", "What it says", "Tests");
            html.writeStartElement("tbody");
            for (RuleVerdict rule : group.getValue()) {
                row(rule);
            }
            html.writeEndElement();
            html.writeEndElement();
        }
        html.writeEndElement();
    }

    private void row(RuleVerdict rule) throws XMLStreamException {
        html.writeStartElement("tr");
        html.writeStartElement("th");
        html.writeAttribute("scope", "row");
        text(rule.rule().id());
        html.writeEndElement();
        html.writeStartElement("td");
        html.writeAttribute("class", "short");
        text(rule.rule().level().name());
        html.writeEndElement();
        html.writeStartElement("td");
        html.writeAttribute("class", "short");
        badge(rule.status().name(), Wording.of(rule.status()));
        html.writeEndElement();
        html.writeStartElement("td");
        text(rule.rule().text());
        if (rule.status() == Status.NOT_SUPPORTED || rule.status() == Status.NOT_RUN) {
            element("p", rule.message());
        }
        html.writeEndElement();
        html.writeStartElement("td");
        tests(rule.tests());
        html.writeEndElement();
        html.writeEndElement();
    }

    /** Names of tests are long and many; they are folded away unless one did not pass. */
    private void tests(List<TestVerdict> tests) throws XMLStreamException {
        if (tests.isEmpty()) {
            text("none");
            return;
        }
        html.writeStartElement("details");
        if (tests.stream().anyMatch(test -> test.status() != Status.PASS)) {
            html.writeAttribute("open", "");
        }
        element("summary", tests.size() == 1 ? "1 test" : tests.size() + " tests");
        html.writeStartElement("ul");
        for (TestVerdict test : tests) {
            String name = test.test().id();
            element("li", test.status() == Status.PASS ? name : name + " " + Wording.of(test.status()));
        }
        html.writeEndElement();
        html.writeEndElement();
    }

    private void environment() throws XMLStreamException {
        section("What was tested, and where");
        html.writeStartElement("table");
        html.writeStartElement("tbody");
        fact("Provider class", report.subject().className());
        fact(
                "Loaded from",
                Objects.requireNonNullElse(
                        report.subject().file(), report.subject().location()));
        fact("SHA-256 of the jar", Objects.requireNonNullElse(report.subject().sha256(), "none: it is not a jar"));
        fact("Features", report.features().isEmpty() ? "none" : String.join(", ", report.features()));
        if (report.transport() != null) {
            fact("Transport", report.transport());
        }
        if (!report.variants().isEmpty()) {
            fact("Variants of the device", String.join(", ", report.variants()));
        }
        if (report.simulated() != null) {
            fact("SHA-256 of the simulated report", report.simulated());
        }
        fact("Seed", report.seed().toString());
        fact("Suite", report.suite().version());
        fact("SHA-256 of the suite", Objects.requireNonNullElse(report.suite().sha256(), "none: it is not a jar"));
        fact("Java", report.environment().java() + ", " + report.environment().vm());
        fact("System", report.environment().os() + ", " + report.environment().arch());
        if (report.environment().kernel() != null) {
            fact("Kernel", report.environment().kernel().inWords());
        }
        fact("Processors", String.valueOf(report.environment().processors()));
        html.writeEndElement();
        html.writeEndElement();
        html.writeEndElement();
    }

    private void fact(String name, String value) throws XMLStreamException {
        html.writeStartElement("tr");
        html.writeStartElement("th");
        html.writeAttribute("scope", "row");
        text(name);
        html.writeEndElement();
        element("td", value);
        html.writeEndElement();
    }

    private void head(String... names) throws XMLStreamException {
        html.writeStartElement("thead");
        html.writeStartElement("tr");
        for (String name : names) {
            html.writeStartElement("th");
            html.writeAttribute("scope", "col");
            text(name);
            html.writeEndElement();
        }
        html.writeEndElement();
        html.writeEndElement();
    }

    private void section(String title) throws XMLStreamException {
        html.writeStartElement("section");
        element("h2", title);
    }

    private void badge(String kind, String words) throws XMLStreamException {
        html.writeStartElement("strong");
        html.writeAttribute("class", kind.toLowerCase(Locale.ROOT));
        text(words);
        html.writeEndElement();
    }

    private void meta(String name, String value) throws XMLStreamException {
        html.writeEmptyElement("meta");
        html.writeAttribute(name, value);
    }

    private void element(String name, String content) throws XMLStreamException {
        html.writeStartElement(name);
        text(content);
        html.writeEndElement();
    }

    private void text(String content) throws XMLStreamException {
        html.writeCharacters(XmlText.legal(content));
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
