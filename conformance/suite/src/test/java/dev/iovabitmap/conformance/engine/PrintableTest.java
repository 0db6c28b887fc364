package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 0x0B, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x9B, 0x9F, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069
            })
    void whatSteersTheTerminalIsReplaced(int harmful) {
        assertEquals("a?b", Printable.of("a" + Character.toString(harmful) + "b"));
    }

    @Test
    void restStaysAsItIs() {
        String text = "two\n\tlines ~ \u00a0\u00e9\u200d\u2010\u2029\u202f\u2065\u206a \ud83d\ude00";
        assertEquals(text, Printable.of(text));
    }
}
