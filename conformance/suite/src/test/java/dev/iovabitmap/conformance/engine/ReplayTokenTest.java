package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTokenTest {
    private static final String TEST = TestCatalogue.all().get(0).id();

    @ParameterizedTest
    @ValueSource(strings = {"@0", "@42", "[3]@42", "[999999999]@18446744073709551615"})
    void readsWhatItWrites(String rest) {
        ReplayToken token = ReplayToken.parse(TEST + rest);
        assertEquals(TEST + rest, token.toString());
        assertEquals(TEST, token.testCase().id());
    }

    @Test
    void takesTheSeedAsUnsigned() {
        assertEquals(-1, ReplayToken.parse(TEST + "@18446744073709551615").seed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "!@1",
                "[x]@1",
                "[0]@1",
                "[1]",
                "@-1",
                "@0x1",
                "@18446744073709551616",
                "[1]@",
                "[1][2]@1",
                "@1 "
            })
    void refusesTheRestBySayingWhat(String rest) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ReplayToken.parse(TEST + rest));
        assertTrue(String.valueOf(refusal.getMessage()).contains("'" + TEST + rest + "'"), refusal::getMessage);
    }
}
