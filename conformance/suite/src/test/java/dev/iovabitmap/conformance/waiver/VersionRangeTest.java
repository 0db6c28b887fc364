package dev.iovabitmap.conformance.waiver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.2.3     | 1.2.3          | true",
                "1.2.3     | 1.2.4          | false",
                "1.2.3     | 1.2.3-SNAPSHOT | false",
                "unknown   | unknown        | true",
                "[1.2,1.3) | 1.2            | true",
                "[1.2,1.3) | 1.2.10         | true",
                "[1.2,1.3) | 1.3            | false",
                "[1.2,1.3] | 1.3            | true",
                "(1.2,1.3] | 1.2            | false",
                "[1.2,1.3) | 1.10           | false",
                "[1.2,1.3) | unknown        | false",
                "[1.2,1.3) | 1.3-SNAPSHOT   | true"
            })
    void contains(String range, String version, boolean inside) {
        assertEquals(inside, VersionRange.parse(range).contains(version));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "*",
                "1.*",
                "[1.2,)",
                "(,1.2]",
                "(,)",
                "[1.2,1.2]",
                "[2,1]",
                "[1",
                "1]",
                "[a,b]",
                "[1,2],[3,4]"
            })
    void refusesWhatIsNoneOrTooMuch(String range) {
        assertThrows(IllegalArgumentException.class, () -> VersionRange.parse(range));
    }
}
