package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class UnsignedNumberTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "0x1000, 4096",
        "0XfF, 255",
        "4K, 4096",
        "4k, 4096",
        "2M, 2097152",
        "4G, 4294967296",
        "0x10G, 17179869184",
        "1T, 1099511627776",
        "007, 7",
        "9223372036854775808, -9223372036854775808",
        "18446744073709551615, -1",
        "0xffffffffffffffff, -1",
        "0x00000000000000000000000000000001, 1",
        "16777215T, -1099511627776"
    })
    void readsUnsignedNumbers(String written, long value) {
        assertEquals(value, new UnsignedNumber().convert(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "x", "0x", "K", "-1", "+1", "1.5G", "1 G", "4KB", "4KiB", "1P", "0b1", "1e3", "1_000", "\u0661"
            })
    void refusesWhatIsNoNumber(String written) {
        TypeConversionException refusal =
                assertThrows(TypeConversionException.class, () -> new UnsignedNumber().convert(written));
        assertEquals(
                "'" + written + "' is not a number: write decimal or 0x, with K, M, G or T for powers of 1024",
                refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"18446744073709551616", "0x10000000000000000", "16777216T", "99999999999999999999999999999999T"})
    void refusesMoreThanFits(String written) {
        TypeConversionException refusal =
                assertThrows(TypeConversionException.class, () -> new UnsignedNumber().convert(written));
        assertTrue(refusal.getMessage().startsWith("'" + written + "' is 2^64 or more"), refusal.getMessage());
    }
}
