package dev.iovabitmap.conformance.inspect;

import java.io.PrintWriter;
import java.nio.charset.Charset;

/** A picture of density in characters: a line for each row, with the address of its first cell in front. */
final class TextPicture {
    /** From clean to dirty throughout. */
    private static final String BLOCKS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

    private static final String ASCII = " .:-=+*#@";

    /** Lines a picture may have, so that it and the numbers above it fit a terminal. */
    static final int MAX_ROWS = 16;

    private final Density density;
    private final int digits;
    private final String glyphs;
    private final char frame;

    TextPicture(Density density, int digits, boolean ascii) {
        this.density = density;
        this.digits = digits;
        this.glyphs = ascii ? ASCII : BLOCKS;
        this.frame = ascii ? '|' : '\u2502';
    }

    /** Whether a terminal of this encoding shows the block characters. */
    static boolean showsBlocks(Charset charset) {
        return charset.canEncode() && charset.newEncoder().canEncode(BLOCKS + '\u2502');
    }

    /** How many cells of a row fit lines of a width, whose labels have this many digits; rounded down to whole eights. */
    static int columns(int width, int digits) {
        int around = "0x".length() + digits + " ||".length();
        return Math.max(8, (width - around) / 8 * 8);
    }

    void print(PrintWriter out) {
        int full = glyphs.length() - 1;
        out.printf(
                "density, %s (%s) a cell: '%c' clean, '%c' to '%c' partly, '%c' all dirty%n",
                Show.count(density.pagesPerCell(), "page"),
                Show.size(density.lastIova(0) - density.iova(0) + 1),
                glyphs.charAt(0),
                glyphs.charAt(1),
                glyphs.charAt(full - 1),
                glyphs.charAt(full));
        for (int row = 0; row < density.rows(); row++) {
            int first = row * density.columns();
            int end = Math.min(first + density.columns(), density.cells());
            StringBuilder line = new StringBuilder(Show.hex(density.iova(first), digits))
                    .append(' ')
                    .append(frame);
            for (int cell = first; cell < end; cell++) {
                line.append(glyphs.charAt(density.level(cell, full)));
            }
            out.println(line.append(frame));
        }
    }
}
