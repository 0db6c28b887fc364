package dev.iovabitmap.conformance.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmapLayout;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextPictureTest {
    @Test
    void drawsBlocksFromCleanToDirty() {
        Density density = new Density(new IovaBitmapLayout(0x10000, 64 * 4096, 4096), 8, 1);
        density.add(0, 0xff_3f_1f_0f_07_03_01_00L); // a byte a cell: none, 1 to 6, and all 8 of its pages
        StringWriter out = new StringWriter();
        new TextPicture(density, 8, false).print(new PrintWriter(out, true));
        assertEquals(
                "density, 8 pages (32 KiB) a cell: ' ' clean, '\u2581' to '\u2587' partly, '\u2588' all dirty\n"
                        + "0x00010000 \u2502 \u2581\u2582\u2583\u2584\u2585\u2586\u2588\u2502\n",
                out.toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    void blocksNeedAnEncodingThatHasThem() {
        assertTrue(TextPicture.showsBlocks(StandardCharsets.UTF_8));
        assertFalse(TextPicture.showsBlocks(StandardCharsets.US_ASCII));
        assertFalse(TextPicture.showsBlocks(StandardCharsets.ISO_8859_1));
    }

    @Test
    void columnsAreWholeEights() {
        assertEquals(64, TextPicture.columns(80, 8));
        assertEquals(56, TextPicture.columns(80, 16));
        assertEquals(8, TextPicture.columns(32, 16));
    }
}
