package dev.iovabitmap.conformance.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShowTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "1, 1 byte",
        "1023, 1023 bytes",
        "1024, 1 KiB",
        "1536, 1.50 KiB",
        "1048576, 1 MiB",
        "68719476736, 64 GiB",
        "1099511627776, 1 TiB",
        "9223372036854775807, 8.00 EiB",
        "-9223372036854775808, 8 EiB",
        "-1, 16.00 EiB"
    })
    void sizesAreUnsigned(long bytes, String shown) {
        assertEquals(shown, Show.size(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 7, 0.00 %",
        "7, 7, 100.00 %",
        "1, 3, 33.33 %",
        "1, 1000000, under 0.01 %",
        "999999, 1000000, over 99.99 %"
    })
    void percentagesAreNeverRoundedToNothingOrAll(long part, long whole, String shown) {
        assertEquals(shown, Show.percent(part, whole));
    }

    @Test
    void hexLinesUp() {
        assertEquals("0x00ff", Show.hex(255, 4));
        assertEquals("0xffffffffffffffff", Show.hex(-1, 4));
    }

    @Test
    void countsHaveTheirPlural() {
        assertEquals("1 page", Show.count(1, "page"));
        assertEquals("1,000 pages", Show.count(1000, "page"));
    }

    @Test
    void namesBringNoControlCharacters() {
        assertEquals("a?[31mb", Show.name(Path.of("a\u001b[31mb")));
    }

    @Test
    void reasonsAreWords() {
        assertEquals("permission denied", Show.reason(new AccessDeniedException("f")));
        assertEquals("too many links", Show.reason(new FileSystemException("f", null, "too many links")));
        assertEquals("Map failed", Show.reason(new IOException("Map failed")));
    }
}
