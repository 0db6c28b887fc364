package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 0x0B, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x9B, 0x9F, 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A,
                0x202E, 0x2066, 0x2069, 0xD800, 0xDBFF, 0xDC00, 0xDFFF
            })
    void whatSteersTheTerminalIsReplaced(int harmful) {
        String text = "a" + Character.toString(harmful) + "b";
        assertFalse(Printable.is(text));
        assertEquals("a?b", Printable.of(text));
    }

    @Test
    void restStaysAsItIs() {
        String text = "two\n\tlines ~ \u00a0\u00e9\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a \ud83d\ude00";
        assertTrue(Printable.is(text));
        assertEquals(text, Printable.of(text));
    }
}
