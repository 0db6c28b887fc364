package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.faults.device.DeviceProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of certify on providers with a device, which the command line's own module has none of. */
class DeviceCertifyTest {
    private static final String CLASSES = Path.of("target", "classes").toString();
    private static final String SIMULATED = "simulated kernel; no hardware was tested";

    @TempDir
    Path out;

    @Test
    void eachTransportIsCertifiedWithTheSimulatedKernel() throws IOException {
        Run run = certify(DeviceProvider.class, out, "--seed", "7");
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("Tier simulated: " + SIMULATED), run.out());
        for (String transport : List.of("log", "type1")) {
            String name = "model-" + transport;
            assertTrue(run.out().lines().anyMatch(line -> line.startsWith(name + " ") && line.contains("simulated")));
            JsonNode report = report(out, name);
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
        Class<?> wrong = DeviceProvider.Forgetful.class;
        Run run = certify(wrong, out, "--transport", "type1", "--seed", "7");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        assertFalse(Files.exists(out.resolve("model-log")));
        JsonNode report = report(out, "model-type1");
        assertEquals("FAIL", statusOf(report, "HW-11"));
        String message = messageOf(report, "HW-11");
        assertTrue(message.contains("variant plain"), message);
        String command = message.substring(message.indexOf("--replay ") + "--replay ".length());
        String token = command.lines().findFirst().orElseThrow().replace("'", "");
        assertTrue(token.endsWith("[1]@7/simulated/type1"), token);
        Run again = certify(wrong, out, "--replay", token);
        Run good = certify(DeviceProvider.class, out, "--replay", token);
        Run without = certify(RightProvider.class, out, "--replay", token);
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, again.exitCode(), again.err()),
                () -> assertTrue(again.out().contains(firstWords(message)), again.out()),
                () -> assertEquals(ExitCode.CERTIFIED, good.exitCode(), good.out() + good.err()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, without.exitCode(), without.out()),
                () -> assertTrue(without.err().contains("HARDWARE"), without.err()));
    }

    @Test
    void anAbsentDeviceIsASkipWhichIsNoPass() {
        Run run = certify(DeviceProvider.class, out, "--tier", "hardware", "--transport", "log");
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
        Class<?> broken = DeviceProvider.Both.class;
        Run run = certify(broken, out, "--tier", "hardware", "--transport", "log", "--required");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        JsonNode report = report(out, "model-log-hardware");
        assertEquals("NOT_CERTIFIED", report.at("/verdict").asText());
        assertTrue(report.at("/problems/0").asText().contains("the repair shop"), report.at("/problems")::toString);
        assertEquals("NOT_RUN", statusOf(report, "HW-1"));
    }

    @Test
    void transportsAndTiersThatAProviderLacksAreNamed() {
        Run transport = certify(DeviceProvider.class, out, "--transport", "iommufd");
        Run tier = certify(RightProvider.class, out, "--tier", "simulated");
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, transport.exitCode()),
                () -> assertTrue(
                        transport.out().contains("no transport 'iommufd'; there are: log, type1"), transport.out()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, tier.exitCode()),
                () -> assertTrue(tier.out().contains("does not claim the feature HARDWARE"), tier.out()));
    }

    private record Run(int exitCode, String out, String err) {}

    private static Run certify(Class<?> provider, Path out, String... more) {
        List<String> args = new ArrayList<>(
                List.of("certify", "--provider", provider.getName(), "--class-path", CLASSES, "--out", out.toString()));
        args.addAll(List.of(more));
        StringWriter printed = new StringWriter();
        StringWriter complained = new StringWriter();
        int code = Main.run(
                new PrintWriter(printed, true), new PrintWriter(complained, true), args.toArray(String[]::new));
        return new Run(code, printed.toString(), complained.toString());
    }

    private static JsonNode report(Path out, String name) throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(Files.readString(out.resolve(name).resolve("report.json")));
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
        try (InputStream in = Objects.requireNonNull(DeviceCertifyTest.class.getResourceAsStream(resource))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in)
                    .validate(report)
                    .stream()
                    .map(Object::toString)
                    .collect(Collectors.toSet());
        }
    }
}
