package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.rules.Tier;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTokenTest {
    private static final String TEST = TestCatalogue.all().get(0).id();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@0",
                "@42",
                "[3]@42",
                "[999999999]@18446744073709551615",
                "@1/simulated",
                "[2]@1/kernel/log",
                "@1/hardware/iommufd"
            })
    void readsWhatItWrites(String rest) {
        ReplayToken token = ReplayToken.parse(TEST + rest);
        assertEquals(TEST + rest, token.toString());
        assertEquals(TEST, token.testCase().id());
    }

    @Test
    void bringsTheDeviceBack() {
        Order order = Order.certify(Tier.SIMULATED, Map.of("transport", "log"), 5);
        ReplayToken token = ReplayToken.parse(order.tokenOf(TEST + "[2]"));
        assertEquals(TEST + "[2]@5/simulated/log", token.toString());
        Order again = Order.replay(token, Map.of("device", "d"));
        assertEquals(Map.of("transport", "log", "device", "d", "tier", "simulated"), again.hardwareOptions());
        assertEquals(5, again.seed());
        assertEquals(Tier.MEMORY, ReplayToken.parse(TEST + "@5").tier());
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
                "@1 ",
                "@1/",
                "@1/memory",
                "@1/orbit",
                "@1/simulated/",
                "@1/simulated/Log",
                "@1/simulated/log/x"
            })
    void refusesTheRestBySayingWhat(String rest) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ReplayToken.parse(TEST + rest));
        assertTrue(String.valueOf(refusal.getMessage()).contains("'" + TEST + rest + "'"), refusal::getMessage);
    }
}
