package dev.iovabitmap.conformance.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes one self-contained page: its style is in it, it has no script, and it may load nothing. */
public final class HtmlWriter {
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private final XMLStreamWriter html;

    private HtmlWriter(XMLStreamWriter html) {
        this.html = html;
    }

    /** What is in the body. */
    @FunctionalInterface
    public interface Body {
        void write(HtmlWriter html) throws XMLStreamException;
    }

    /** {@return a page in UTF-8} */
    public static byte[] page(String title, Body body) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            HtmlWriter html = new HtmlWriter(xml);
            xml.writeDTD("<!DOCTYPE html>\n");
            html.open("html", "lang", "en");
            html.open("head");
            html.empty("meta", "charset", "utf-8");
            html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
            html.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
            html.element("title", title);
            html.element("style", style());
            html.close();
            html.open("body");
            body.write(html);
            html.close();
            html.close();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Opens an element with attributes: name, value, name, value. */
    public void open(String name, String... attributes) throws XMLStreamException {
        html.writeStartElement(name);
        attributes(attributes);
    }

    /** Closes the innermost element. */
    public void close() throws XMLStreamException {
        html.writeEndElement();
    }

    /** Writes an element that has no content by its nature. */
    public void empty(String name, String... attributes) throws XMLStreamException {
        html.writeEmptyElement(name);
        attributes(attributes);
    }

    private void attributes(String... attributes) throws XMLStreamException {
        for (int i = 0; i < attributes.length; i += 2) {
            html.writeAttribute(attributes[i], XmlText.legal(attributes[i + 1]));
        }
    }

    /** Writes an element with text in it. */
    public void element(String name, String content, String... attributes) throws XMLStreamException {
        open(name, attributes);
        text(content);
        close();
    }

    /** Writes text. */
    public void text(String content) throws XMLStreamException {
        html.writeCharacters(XmlText.legal(content));
    }

    /** Opens a section with a heading. */
    public void section(String id, String title) throws XMLStreamException {
        open("section", "aria-labelledby", id);
        element("h2", title, "id", id);
    }

    /** Writes a status or a verdict: in words and with a sign, since a colour tells not everybody the same. */
    public void badge(Enum<?> kind, String words) throws XMLStreamException {
        open("strong", "class", kind.name().toLowerCase(Locale.ROOT));
        element("span", sign(kind.name()) + " ", "aria-hidden", "true");
        text(words);
        close();
    }

    /** {@return the sign of a status or a verdict} */
    public static String sign(String kind) {
        return switch (kind) {
            case "PASS", "CERTIFIED" -> "\u2713";
            case "FAIL", "NOT_CERTIFIED" -> "\u2717";
            case "ERROR" -> "!";
            case "WAIVED", "CERTIFIED_WITH_WAIVERS" -> "\u25b3";
            case "NOT_SUPPORTED" -> "\u2013";
            default -> "?";
        };
    }

    /** Writes the head of a table. */
    public void head(String... names) throws XMLStreamException {
        open("thead");
        open("tr");
        for (String name : names) {
            element("th", name, "scope", "col");
        }
        close();
        close();
    }

    /** Writes a row of two: what it is, and what it is here. */
    public void fact(String name, String value) throws XMLStreamException {
        open("tr");
        element("th", name, "scope", "row");
        element("td", value);
        close();
    }

    private static String style() {
        try (InputStream in = Objects.requireNonNull(HtmlWriter.class.getResourceAsStream("report.css"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
