package dev.iovabitmap.conformance.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * For a program. Addresses, lengths and sizes in bytes that may need all 64 bits are strings in hex; counts of pages and
 * ranges are numbers.
 */
final class JsonReport implements Report {
    private static final long FLUSH_EVERY = 4096;

    private final PrintWriter out;
    private final JsonGenerator json;
    private long listed;

    JsonReport(PrintWriter out) throws IOException {
        this.out = out;
        this.json = new JsonFactory().createGenerator(out);
        // a report that broke off must not look like a whole one
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.useDefaultPrettyPrinter();
    }

    @Override
    public void begin(BitmapFile file) throws IOException {
        IovaBitmapLayout layout = file.layout();
        json.writeStartObject();
        json.writeStringField("file", Show.name(file.path()));
        json.writeStringField("iova", Show.hex(layout.iova()));
        json.writeStringField("length", Show.hex(layout.length()));
        json.writeStringField("pageSize", Show.hex(layout.pageSize()));
        json.writeNumberField("pages", layout.bitCount());
        json.writeNumberField("bitmapBytes", layout.byteSize());
        json.writeNumberField("bytesBehind", file.bytesBehind());
        json.writeArrayFieldStart("ranges");
    }

    @Override
    public void range(long iova, long length, long pages) throws IOException {
        json.writeStartObject();
        range(new IovaRange(iova, length), pages);
        if (++listed % FLUSH_EVERY == 0) {
            json.flush();
            if (Inspector.isLost(out)) {
                throw new IOException("the output could not be written");
            }
        }
    }

    private void range(IovaRange range, long pages) throws IOException {
        json.writeStringField("iova", Show.hex(range.iova()));
        json.writeStringField("length", Show.hex(range.length()));
        json.writeNumberField("pages", pages);
        json.writeEndObject();
    }

    @Override
    public void end(BitmapFile file, Tally tally, Density density, @Nullable SvgTarget svg) throws IOException {
        json.writeEndArray();
        json.writeNumberField("rangesNotListed", tally.unlisted());
        json.writeNumberField("rangeCount", tally.ranges());
        json.writeNumberField("dirtyPages", tally.dirtyPages());
        json.writeStringField("dirtyBytes", Show.hex(tally.dirtyBytes()));
        IovaRange longest = tally.longest();
        if (longest == null) {
            json.writeNullField("longestRange");
        } else {
            json.writeObjectFieldStart("longestRange");
            range(longest, tally.longestPages());
        }
        json.writeNumberField("strayBits", file.strayBits());
        json.writeObjectFieldStart("density");
        json.writeNumberField("pagesPerCell", density.pagesPerCell());
        json.writeArrayFieldStart("dirtyPages");
        for (int cell = 0; cell < density.cells(); cell++) {
            json.writeNumber(density.dirtyPages(cell));
        }
        json.writeEndArray();
        json.writeEndObject();
        if (svg != null) {
            json.writeStringField("svg", Show.name(svg.path()));
            json.writeBooleanField("svgReplaced", svg.replaces());
        }
        json.writeEndObject();
        json.close();
        out.println();
    }
}
