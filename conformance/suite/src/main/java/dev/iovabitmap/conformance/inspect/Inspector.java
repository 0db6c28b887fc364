package dev.iovabitmap.conformance.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

/** Inspects a bitmap file. */
public final class Inspector {
    private Inspector() {}

    /** {@return whether output of this encoding can show the picture in block characters} */
    public static boolean showsBlocks(Charset charset) {
        return TextPicture.showsBlocks(charset);
    }

    /**
     * Reads the file once and prints what was asked for.
     *
     * @throws InspectException if that is not possible; what was printed until then stays
     */
    public static void inspect(InspectRequest request, PrintWriter out) throws InspectException {
        try (BitmapFile file = BitmapFile.open(request.file(), request.iova(), request.length(), request.pageSize())) {
            report(file, request, out);
        } catch (IOException e) {
            throw InspectException.failed(
                    Show.quoted(request.file()) + " was not inspected to its end: " + Show.reason(e));
        }
        if (isLost(out)) {
            throw InspectException.failed("the output could not be written to its end");
        }
    }

    /** Whether output went nowhere. A writer over System.out does not hear of it, since System.out keeps it to itself. */
    static boolean isLost(PrintWriter out) {
        return out.checkError() || System.out.checkError();
    }

    private static void report(BitmapFile file, InspectRequest request, PrintWriter out)
            throws InspectException, IOException {
        SvgTarget svg = request.svg() == null ? null : SvgTarget.of(request.svg(), request.file());
        int digits = Show.hexDigits(file.layout().lastIova());
        List<Density> densities = new ArrayList<>();
        Density inText = new Density(file.layout(), TextPicture.columns(request.width(), digits), TextPicture.MAX_ROWS);
        densities.add(inText);
        Density inSvg = new Density(file.layout(), SvgPicture.COLUMNS, SvgPicture.MAX_ROWS);
        if (svg != null) {
            densities.add(inSvg);
        }
        Report report = request.json() ? new JsonReport(out) : new TextReport(out, request.ascii());
        report.begin(file);
        Tally tally = read(file, request.limit(), report, densities);
        if (svg != null) {
            svg.write(file, tally, inSvg);
        }
        report.end(file, tally, inText, svg);
    }

    static Tally read(BitmapFile file, long limit, Tally.Listing listing, List<Density> densities)
            throws InspectException, IOException {
        try {
            Tally tally = Tally.of(file.layout(), file.words(), limit, listing, densities);
            file.requireWhole();
            return tally;
        } catch (InternalError e) {
            // how the JVM reports a page of a mapping that the system cannot provide
            throw file.truncated();
        }
    }
}
