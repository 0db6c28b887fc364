package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** For a person at a terminal. */
final class TextReport implements Report {
    private static final long FLUSH_EVERY = 4096;

    private final PrintWriter out;
    private final boolean ascii;
    private int digits;
    private long listed;

    TextReport(PrintWriter out, boolean ascii) {
        this.out = out;
        this.ascii = ascii;
    }

    @Override
    public void begin(BitmapFile file) {
        IovaBitmapLayout layout = file.layout();
        digits = Show.hexDigits(layout.lastIova());
        out.printf("%s%n", Show.name(file.path()));
        line("covers", addresses(layout.iova(), layout.lastIova()) + ", " + Show.size(layout.length()));
        line("pages", Show.count(layout.bitCount()) + " of " + Show.size(layout.pageSize()));
        line("bitmap", Show.size(layout.byteSize()) + ", " + Show.count(layout.wordCount(), "word"));
        out.printf("%ndirty ranges%n");
    }

    @Override
    public void range(long iova, long length, long pages) throws IOException {
        out.printf("  %s  %s, %s%n", addresses(iova, iova + length - 1), Show.count(pages, "page"), Show.size(length));
        // a reader that has gone away, such as head, ends a list that may be endless
        if (++listed % FLUSH_EVERY == 0 && Inspector.isLost(out)) {
            throw new IOException("the output could not be written");
        }
    }

    @Override
    public void end(BitmapFile file, Tally tally, Density density, @Nullable SvgTarget svg) {
        IovaBitmapLayout layout = file.layout();
        if (tally.ranges() == 0) {
            out.printf("  none%n");
        } else if (tally.unlisted() > 0) {
            out.printf("  and %s more; --all lists every one%n", Show.count(tally.unlisted()));
        }
        out.println();
        line(
                "dirty pages",
                Show.count(tally.dirtyPages()) + " of " + Show.count(layout.bitCount()) + " ("
                        + Show.percent(tally.dirtyPages(), layout.bitCount()) + "), " + Show.size(tally.dirtyBytes()));
        line("ranges", Show.count(tally.ranges()));
        IovaRange longest = tally.longest();
        if (longest != null) {
            line(
                    "longest range",
                    addresses(longest.iova(), longest.iova() + longest.length() - 1) + ", "
                            + Show.count(tally.longestPages(), "page") + ", " + Show.size(longest.length()));
        }
        notes(file);
        out.println();
        new TextPicture(density, digits, ascii).print(out);
        if (svg != null) {
            out.printf(
                    "%nwrote %s%s%n",
                    Show.name(svg.path()), svg.replaces() ? " (replaced the file that was there)" : "");
        }
    }

    private void notes(BitmapFile file) {
        if (file.strayBits() > 0) {
            line(
                    "note",
                    Show.count(file.strayBits(), "bit")
                            + " set behind the last page, in the last word: no page is theirs,"
                            + " and they are not counted");
        }
        if (file.bytesBehind() > 0) {
            line("note", Show.count(file.bytesBehind(), "byte") + " behind the bitmap not looked at");
        }
    }

    private void line(String name, String value) {
        out.printf("  %-13s  %s%n", name, value);
    }

    private String addresses(long first, long last) {
        return Show.hex(first, digits) + " to " + Show.hex(last, digits);
    }
}
