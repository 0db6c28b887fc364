package dev.iovabitmap.conformance.report;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A picture for a README: verdict and tier in words, since a colour alone tells nobody what was tested. */
final class Badge {
    private static final int HEIGHT = 20;
    private static final int PADDING = 6;
    /** The mean width of a letter at this size; textLength makes it exact in whatever font there is. */
    private static final double LETTER = 6.4;

    private final XMLStreamWriter svg;

    private Badge(XMLStreamWriter svg) {
        this.svg = svg;
    }

    static byte[] of(Report report) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter svg = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new Badge(svg).write(report);
            svg.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void write(Report report) throws XMLStreamException {
        String left = "IOVA bitmap " + report.spec();
        String right = Wording.of(report.verdict()).toLowerCase(Locale.ROOT) + ", "
                + (report.tier().equals("simulated") ? Wording.ofTier(report.tier()) : report.tier());
        String title = "IOVA bitmap specification " + report.spec() + ": "
                + report.name() + " " + report.subject().version() + " is "
                + Wording.of(report.verdict()) + " at tier " + report.tier() + " ("
                + Wording.ofTier(report.tier()) + ")";
        int leftWidth = width(left);
        int rightWidth = width(right);
        svg.writeStartElement("svg");
        svg.writeDefaultNamespace("http://www.w3.org/2000/svg");
        attribute("width", leftWidth + rightWidth);
        attribute("height", HEIGHT);
        attribute("role", "img");
        attribute("aria-label", XmlText.legal(title));
        svg.writeStartElement("title");
        svg.writeCharacters(XmlText.legal(title));
        svg.writeEndElement();
        box(0, leftWidth, "#444d56");
        box(leftWidth, rightWidth, colour(report.verdict()));
        svg.writeStartElement("g");
        attribute("fill", "#ffffff");
        attribute("font-family", "Verdana,DejaVu Sans,sans-serif");
        attribute("font-size", 11);
        label(0, left);
        label(leftWidth, right);
        svg.writeEndElement();
        svg.writeEndElement();
        svg.writeEndDocument();
    }

    /** Each has a contrast of more than 4.5 to the white of the letters. */
    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case CERTIFIED -> "#116329";
            case CERTIFIED_WITH_WAIVERS -> "#7d4e00";
            case NOT_CERTIFIED -> "#a40e26";
        };
    }

    private static int width(String text) {
        return 2 * PADDING + (int) Math.ceil(LETTER * text.length());
    }

    private void box(int x, int width, String colour) throws XMLStreamException {
        svg.writeEmptyElement("rect");
        attribute("x", x);
        attribute("width", width);
        attribute("height", HEIGHT);
        attribute("fill", colour);
    }

    private void label(int x, String text) throws XMLStreamException {
        svg.writeStartElement("text");
        attribute("x", x + PADDING);
        attribute("y", 14);
        attribute("textLength", width(text) - 2 * PADDING);
        svg.writeCharacters(XmlText.legal(text));
        svg.writeEndElement();
    }

    private void attribute(String name, Object value) throws XMLStreamException {
        svg.writeAttribute(name, value.toString());
    }
}
