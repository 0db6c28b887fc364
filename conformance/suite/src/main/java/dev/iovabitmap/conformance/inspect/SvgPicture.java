package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import java.io.Writer;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A heat map of density as SVG: the darker, the dirtier. Pointing at a cell shows its addresses and counts. */
final class SvgPicture {
    static final int COLUMNS = 64;
    static final int MAX_ROWS = 64;

    private static final String SVG = "http://www.w3.org/2000/svg";

    /** One hue that gets darker evenly, so that it reads without colour as well. The first is only for clean cells. */
    private static final String[] COLOURS = {
        "#f3f5f7", "#d3e3f3", "#b0d2e7", "#85bcdb", "#56a0ce", "#3282be", "#1764ab", "#0a4488", "#06254d"
    };

    private static final int CELL = 12;
    private static final int LEFT = 170;
    private static final int TOP = 64;
    private static final int FOOT = 56;

    private final XMLStreamWriter xml;
    private final Density density;

    private SvgPicture(XMLStreamWriter xml, Density density) {
        this.xml = xml;
        this.density = density;
    }

    static void write(Writer out, BitmapFile file, Tally tally, Density density) throws XMLStreamException {
        XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
        new SvgPicture(xml, density).document(file, tally);
        xml.flush();
        xml.close();
    }

    private void document(BitmapFile file, Tally tally) throws XMLStreamException {
        IovaBitmapLayout layout = file.layout();
        int width = LEFT + COLUMNS * CELL + 20;
        int height = TOP + density.rows() * CELL + FOOT;
        String title = "Dirty pages of " + Show.name(file.path());
        String counts = Show.count(tally.dirtyPages()) + " of " + Show.count(layout.bitCount(), "page") + " dirty ("
                + Show.percent(tally.dirtyPages(), layout.bitCount()) + ") in " + Show.count(tally.ranges(), "range");
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeStartElement("svg");
        xml.writeDefaultNamespace(SVG);
        xml.writeAttribute("viewBox", "0 0 " + width + " " + height);
        xml.writeAttribute("width", Integer.toString(width));
        xml.writeAttribute("height", Integer.toString(height));
        xml.writeAttribute("role", "img");
        xml.writeAttribute("aria-labelledby", "title desc");
        xml.writeAttribute("font-family", "sans-serif");
        xml.writeAttribute("font-size", "12");
        named("title", title);
        named(
                "desc",
                "IOVA " + Show.hex(layout.iova()) + " to " + Show.hex(layout.lastIova()) + " at "
                        + Show.size(layout.pageSize()) + " a page: " + counts + ". Each cell is "
                        + Show.count(density.pagesPerCell(), "page") + "; the darker, the more of them are dirty.");
        rectangle(0, 0, width, height, "#ffffff");
        text(20, 26, "16", title);
        text(20, 46, "12", counts);
        for (int row = 0; row < density.rows(); row++) {
            row(row);
        }
        legend(TOP + density.rows() * CELL + 20);
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private void row(int row) throws XMLStreamException {
        int y = TOP + row * CELL;
        int first = row * COLUMNS;
        int end = Math.min(first + COLUMNS, density.cells());
        xml.writeStartElement("text");
        xml.writeAttribute("x", Integer.toString(LEFT - 8));
        xml.writeAttribute("y", Integer.toString(y + CELL - 2));
        xml.writeAttribute("text-anchor", "end");
        xml.writeAttribute("font-family", "monospace");
        xml.writeAttribute("font-size", "11");
        xml.writeCharacters(Show.hex(density.iova(first)));
        xml.writeEndElement();
        rectangle(LEFT, y, (end - first) * CELL, CELL, COLOURS[0]);
        for (int cell = first; cell < end; cell++) {
            if (density.dirtyPages(cell) > 0) {
                cell(LEFT + (cell - first) * CELL, y, cell);
            }
        }
    }

    private void cell(int x, int y, int cell) throws XMLStreamException {
        xml.writeStartElement("rect");
        area(x, y, CELL, CELL, COLOURS[density.level(cell, COLOURS.length - 1)]);
        xml.writeStartElement("title");
        xml.writeCharacters(String.format(
                Locale.ROOT,
                "%s to %s: %s of %s dirty",
                Show.hex(density.iova(cell)),
                Show.hex(density.lastIova(cell)),
                Show.count(density.dirtyPages(cell)),
                Show.count(density.pages(cell), "page")));
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private void legend(int y) throws XMLStreamException {
        text(LEFT, y + 10, "12", "clean");
        for (int level = 0; level < COLOURS.length; level++) {
            rectangle(LEFT + 40 + level * CELL, y, CELL, CELL, COLOURS[level]);
        }
        text(LEFT + 48 + COLOURS.length * CELL, y + 10, "12", "all dirty");
        text(
                LEFT + 120 + COLOURS.length * CELL,
                y + 10,
                "12",
                "each cell " + Show.count(density.pagesPerCell(), "page") + ", "
                        + Show.size(density.lastIova(0) - density.iova(0) + 1));
    }

    private void named(String element, String content) throws XMLStreamException {
        xml.writeStartElement(element);
        xml.writeAttribute("id", element);
        xml.writeCharacters(content);
        xml.writeEndElement();
    }

    private void text(int x, int y, String size, String content) throws XMLStreamException {
        xml.writeStartElement("text");
        xml.writeAttribute("x", Integer.toString(x));
        xml.writeAttribute("y", Integer.toString(y));
        xml.writeAttribute("font-size", size);
        xml.writeCharacters(content);
        xml.writeEndElement();
    }

    private void rectangle(int x, int y, int width, int height, String colour) throws XMLStreamException {
        xml.writeEmptyElement("rect");
        area(x, y, width, height, colour);
    }

    private void area(int x, int y, int width, int height, String colour) throws XMLStreamException {
        xml.writeAttribute("x", Integer.toString(x));
        xml.writeAttribute("y", Integer.toString(y));
        xml.writeAttribute("width", Integer.toString(width));
        xml.writeAttribute("height", Integer.toString(height));
        xml.writeAttribute("fill", colour);
    }
}
