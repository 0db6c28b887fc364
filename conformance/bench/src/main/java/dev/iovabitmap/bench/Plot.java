package dev.iovabitmap.bench;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Bars on a logarithmic scale, grouped, as SVG. */
final class Plot {
    private static final int LEFT = 130;
    private static final int WIDTH = 560;
    private static final int ROW = 16;
    private static final int HEAD = 26;

    private final XMLStreamWriter svg;

    private Plot(XMLStreamWriter svg) {
        this.svg = svg;
    }

    /** Writes a plot of nanoseconds an operation: group to subject to figure. */
    static void write(Path file, String title, Map<String, Map<String, Double>> groups)
            throws IOException, XMLStreamException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            XMLStreamWriter svg = XMLOutputFactory.newFactory().createXMLStreamWriter(writer);
            new Plot(svg).draw(title, groups);
            svg.close();
            writer.write('\n');
        }
    }

    private void draw(String title, Map<String, Map<String, Double>> groups) throws XMLStreamException {
        int rows = groups.values().stream().mapToInt(Map::size).sum();
        int height = 40 + groups.size() * HEAD + rows * ROW;
        int width = LEFT + WIDTH + 90;
        svg.writeStartElement("svg");
        svg.writeDefaultNamespace("http://www.w3.org/2000/svg");
        svg.writeAttribute("viewBox", "0 0 " + width + " " + height);
        svg.writeAttribute("font-family", "sans-serif");
        svg.writeAttribute("font-size", "11");
        rectangle(0, 0, width, height, "white");
        text(10, 20, "start", title + " (ns an operation, logarithmic, shorter is faster)", "bold");
        int y = 36;
        for (Map.Entry<String, Map<String, Double>> group : groups.entrySet()) {
            y = group(group.getKey(), group.getValue(), y);
        }
        svg.writeEndElement();
    }

    private int group(String name, Map<String, Double> bars, int top) throws XMLStreamException {
        text(10, top + 17, "start", name, "bold");
        double low = bars.values().stream().mapToDouble(v -> v).min().orElse(1) / 2;
        double high = bars.values().stream().mapToDouble(v -> v).max().orElse(1);
        int y = top + HEAD;
        for (Map.Entry<String, Double> bar : bars.entrySet()) {
            double share = Math.log(bar.getValue() / low) / Math.log(high / low);
            text(LEFT - 6, y + 11, "end", bar.getKey(), "normal");
            rectangle(LEFT, y + 2, (int) (WIDTH * share), ROW - 4, colour(bar.getKey()));
            text(LEFT + (int) (WIDTH * share) + 4, y + 11, "start", number(bar.getValue()), "normal");
            y += ROW;
        }
        return y;
    }

    private static String colour(String subject) {
        if (subject.startsWith("limit") || subject.equals("C")) {
            return "#999999";
        }
        return subject.matches("(heap|ffm|mapped).*") ? "#0b6e99" : "#d9a441";
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
    }

    private void rectangle(int x, int y, int width, int height, String fill) throws XMLStreamException {
        svg.writeEmptyElement("rect");
        svg.writeAttribute("x", Integer.toString(x));
        svg.writeAttribute("y", Integer.toString(y));
        svg.writeAttribute("width", Integer.toString(width));
        svg.writeAttribute("height", Integer.toString(height));
        svg.writeAttribute("fill", fill);
    }

    private void text(int x, int y, String anchor, String content, String weight) throws XMLStreamException {
        svg.writeStartElement("text");
        svg.writeAttribute("x", Integer.toString(x));
        svg.writeAttribute("y", Integer.toString(y));
        svg.writeAttribute("text-anchor", anchor);
        svg.writeAttribute("font-weight", weight);
        svg.writeCharacters(content);
        svg.writeEndElement();
    }
}
