package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The report for CI systems: a case for each rule, since that is what a certificate speaks of. */
final class JunitXml {
    private final XMLStreamWriter xml;

    private JunitXml(XMLStreamWriter xml) {
        this.xml = xml;
    }

    static byte[] of(Report report, Judgement judgement) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new JunitXml(xml).write(report, judgement);
            xml.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void write(Report report, Judgement judgement) throws XMLStreamException {
        List<RuleVerdict> rules = judgement.rules();
        long errors = judgement.count(Status.ERROR) + judgement.count(Status.NOT_RUN);
        xml.writeStartDocument("UTF-8", "1.0");
        line(0);
        xml.writeStartElement("testsuite");
        attribute(
                "name",
                "iova-bitmap " + report.name() + " (" + report.tier() + ": " + Wording.ofTier(report.tier()) + ")");
        attribute("tests", String.valueOf(rules.size() + judgement.problems().size()));
        attribute("failures", String.valueOf(judgement.count(Status.FAIL)));
        attribute("errors", String.valueOf(errors + judgement.problems().size()));
        attribute("skipped", String.valueOf(judgement.count(Status.NOT_SUPPORTED)));
        line(1);
        xml.writeStartElement("properties");
        property("verdict", report.verdict().name());
        property("spec", report.spec());
        property("seed", report.seed().toString());
        property("tier", report.tier());
        property("tier.meaning", Wording.ofTier(report.tier()));
        if (report.transport() != null) {
            property("transport", report.transport());
        }
        if (!report.variants().isEmpty()) {
            property("variants", String.join(" ", report.variants()));
        }
        if (report.simulated() != null) {
            property("simulated.sha256", report.simulated());
        }
        property("date", report.date());
        property("suite.version", report.suite().version());
        property("subject.version", report.subject().version());
        line(1);
        xml.writeEndElement();
        for (RuleVerdict rule : rules) {
            write(report, rule);
        }
        for (int i = 0; i < judgement.problems().size(); i++) {
            begin(report, "run", "problem " + (i + 1));
            outcome("error", "PROBLEM", judgement.problems().get(i));
            end();
        }
        line(0);
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private void write(Report report, RuleVerdict rule) throws XMLStreamException {
        begin(report, rule.rule().group(), rule.rule().id());
        String status = rule.status().name();
        switch (rule.status()) {
            case PASS -> {}
            case FAIL -> outcome("failure", status, rule.message());
            case ERROR, NOT_RUN -> outcome("error", status, rule.message());
            case NOT_SUPPORTED, WAIVED -> {
                line(2);
                xml.writeEmptyElement("skipped");
                attribute("message", status + ": " + rule.message());
            }
        }
        end();
    }

    private void begin(Report report, String group, String name) throws XMLStreamException {
        line(1);
        xml.writeStartElement("testcase");
        attribute("classname", "iova-bitmap." + report.name() + "." + group);
        attribute("name", name);
    }

    private void end() throws XMLStreamException {
        line(1);
        xml.writeEndElement();
    }

    private void outcome(String element, String status, String message) throws XMLStreamException {
        line(2);
        xml.writeStartElement(element);
        attribute("type", status);
        attribute("message", message.lines().findFirst().orElse(""));
        xml.writeCharacters(XmlText.legal(message));
        xml.writeEndElement();
    }

    private void property(String name, String value) throws XMLStreamException {
        line(2);
        xml.writeEmptyElement("property");
        attribute("name", name);
        attribute("value", value);
    }

    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, XmlText.legal(value));
    }

    private void line(int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
    }
}
