package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.iovabitmap.conformance.naive.ModelProvider;
import dev.iovabitmap.conformance.vendor.Right;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of certify on providers with a device. */
class HardwareCertifyTest {
    private static final String SIMULATED = "simulated kernel; no hardware was tested";

    @TempDir
    Path out;

    @Test
    void eachTransportIsCertifiedWithTheSimulatedKernel() throws IOException {
        Cli run = Cli.certify(ModelProvider.class, out, "--seed", "7");
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("Tier simulated: " + SIMULATED), run.out());
        for (String transport : List.of("log", "type1")) {
            String name = "model-" + transport;
            assertTrue(run.out().lines().anyMatch(line -> line.startsWith(name + " ") && line.contains("simulated")));
            JsonNode report = Cli.report(out, name);
            assertAll(
                    () -> assertEquals("CERTIFIED", report.at("/verdict").asText()),
                    () -> assertEquals("model", report.at("/subject/provider").asText()),
                    () -> assertEquals("simulated", report.at("/tier").asText()),
                    () -> assertEquals(transport, report.at("/transport").asText()),
                    () -> assertEquals(3, report.at("/variants").size()),
                    () -> assertTrue(report.at("/simulated").isNull()),
                    () -> assertEquals("PASS", statusOf(report, "HW-4")),
                    () -> assertEquals("PASS", statusOf(report, "SET-1")),
                    () -> assertEquals(Set.of(), validate(report)),
                    () -> assertTrue(Files.readString(out.resolve(name).resolve("report.html"))
                            .contains(SIMULATED)),
                    () -> assertTrue(Files.readString(out.resolve(name).resolve("junit.xml"))
                            .contains(SIMULATED)));
        }
    }

    @Test
    void aFailureOfOneTransportReplays() throws IOException {
        Class<?> wrong = ModelProvider.Forgetful.class;
        Cli run = Cli.certify(wrong, out, "--transport", "type1", "--seed", "7");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        assertFalse(Files.exists(out.resolve("model-log")));
        JsonNode report = Cli.report(out, "model-type1");
        assertEquals("FAIL", statusOf(report, "HW-11"));
        String message = messageOf(report, "HW-11");
        assertTrue(message.contains("variant plain"), message);
        String command = message.substring(message.indexOf("--replay ") + "--replay ".length());
        String token = command.lines().findFirst().orElseThrow().replace("'", "");
        assertTrue(token.endsWith("[1]@7/simulated/type1"), token);
        Cli again = Cli.certify(wrong, out, "--replay", token);
        Cli good = Cli.certify(ModelProvider.class, out, "--replay", token);
        Cli without = Cli.certify(Right.class, out, "--replay", token);
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, again.exitCode(), again.err()),
                () -> assertTrue(again.out().contains(firstWords(message)), again.out()),
                () -> assertEquals(ExitCode.CERTIFIED, good.exitCode(), good.out() + good.err()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, without.exitCode(), without.out()),
                () -> assertTrue(without.err().contains("HARDWARE"), without.err()));
    }

    @Test
    void anAbsentDeviceIsASkipWhichIsNoPass() {
        Cli run = Cli.certify(ModelProvider.class, out, "--tier", "hardware", "--transport", "log");
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out()),
                () -> assertTrue(run.out().contains("model-log-hardware is left out"), run.out()),
                () -> assertTrue(run.out().contains("there is no device at tier hardware"), run.out()),
                () -> assertTrue(run.out().contains("a skip, not a pass"), run.out()),
                () -> assertTrue(run.err().contains("nothing was certified"), run.err()),
                () -> assertFalse(Files.exists(out.resolve("model-log-hardware"))));
    }

    @Test
    void anAbsentDeviceThatIsRequiredIsAFailure() throws IOException {
        Class<?> broken = ModelProvider.Both.class;
        Cli run = Cli.certify(broken, out, "--tier", "hardware", "--transport", "log", "--required");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        JsonNode report = Cli.report(out, "model-log-hardware");
        assertEquals("NOT_CERTIFIED", report.at("/verdict").asText());
        assertTrue(report.at("/problems/0").asText().contains("the repair shop"), report.at("/problems")::toString);
        assertEquals("NOT_RUN", statusOf(report, "HW-1"));
    }

    @Test
    void transportsAndTiersThatAProviderLacksAreNamed() {
        Cli transport = Cli.certify(ModelProvider.class, out, "--transport", "iommufd");
        Cli tier = Cli.certify(Right.class, out, "--tier", "simulated");
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, transport.exitCode()),
                () -> assertTrue(
                        transport.out().contains("no transport 'iommufd'; there are: log, type1"), transport.out()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, tier.exitCode()),
                () -> assertTrue(tier.out().contains("does not claim the feature HARDWARE"), tier.out()));
    }

    private static JsonNode rule(JsonNode report, String id) {
        return StreamSupport.stream(report.get("rules").spliterator(), false)
                .filter(rule -> rule.get("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String statusOf(JsonNode report, String id) {
        return rule(report, id).get("status").asText();
    }

    private static String messageOf(JsonNode report, String id) {
        return rule(report, id).get("message").asText();
    }

    private static String firstWords(String message) {
        return message.lines().skip(2).findFirst().orElseThrow();
    }

    private static Set<String> validate(JsonNode report) throws IOException {
        String resource = "/dev/iovabitmap/conformance/report/report.schema.json";
        try (InputStream in = Objects.requireNonNull(HardwareCertifyTest.class.getResourceAsStream(resource))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in)
                    .validate(report)
                    .stream()
                    .map(Object::toString)
                    .collect(Collectors.toSet());
        }
    }
}
