package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.faults.Lapsing;
import dev.iovabitmap.conformance.faults.device.LapsingDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever kind of failure a report has, the command that it prints gives that failure again, word for word, and no other. The
 * commands go to a shell as they stand in report.json.
 */
class ReplayTest {
    /** No test before the one that hangs is silent for so long, on a busy machine either. */
    private static final String SECONDS = "10";

    @TempDir
    static Path directory;

    private static Vendor vendor = Vendor.NOWHERE;

    @BeforeAll
    static void setUp() throws IOException {
        vendor = Vendor.in(directory);
    }

    @Test
    void aFailureInMemoryIsReplayed() throws Exception {
        Map<String, JsonNode> kinds = kinds();
        for (String kind : List.of("FAIL of a parameterised test", "ERROR of a property, thrown")) {
            assertEquals("", replayed(kinds.get(kind)), "and nothing else");
        }
    }

    @Test
    @Tag("repetition")
    void eachKindOfFailureInMemoryIsReplayed() throws Exception {
        for (JsonNode failure : kinds().values()) {
            assertEquals("", replayed(failure), "and nothing else");
        }
    }

    /** {@return a failure of each kind that there is} */
    private static Map<String, JsonNode> kinds() throws IOException, InterruptedException {
        Map<String, JsonNode> kinds = new TreeMap<>();
        for (JsonNode failure : failures(Lapsing.class, "lapsing", "--seed", "18446744073709551615")) {
            kinds.putIfAbsent(kindOf(failure), failure);
        }
        assertEquals(
                Set.of(
                        "ERROR of a parameterised test, thrown",
                        "ERROR of a property, thrown",
                        "ERROR of a test, thrown",
                        "FAIL of a parameterised test",
                        "FAIL of a parameterised test, thrown",
                        "FAIL of a property",
                        "FAIL of a property, thrown",
                        "FAIL of a test",
                        "FAIL of a test, thrown"),
                kinds.keySet());
        return kinds;
    }

    /** One variant hides reports that fail, on another the holes of the mappings end a report. */
    @Test
    @Tag("repetition")
    void eachFailureOfADeviceIsReplayedWithItsVariant() throws Exception {
        Map<String, JsonNode> variants = new TreeMap<>();
        for (JsonNode failure : failures(LapsingDevice.class, "model-type1", "--transport", "type1", "--seed", "7")) {
            assertTrue(
                    messageOf(failure).contains("\ndevice: {tier=simulated, transport=type1}, variant "),
                    "in the same order in each JVM");
            String variant = messageOf(failure).replaceFirst("(?s).*, variant (\\S+)\n.*", "$1");
            variants.putIfAbsent(variant, failure);
        }
        assertEquals(Set.of("pages-of-64k", "entries-of-2m"), variants.keySet());
        for (JsonNode failure : variants.values()) {
            assertEquals("", replayed(failure), "and nothing else");
            assertTrue(tokenOf(failure).matches(".*\\[[23]]@7/simulated/type1"), tokenOf(failure));
        }
        assertTrue(messageOf(variants.get("pages-of-64k")).contains("a report has failed"));
    }

    @Test
    void aCrashIsACrashAgain() throws Exception {
        lostAgain("Crashing", "ERROR", "crashed the JVM", "crashed the JVM");
    }

    @ParameterizedTest
    @Tag("repetition")
    @CsvSource({
        "Hanging, FAIL, did not return for 10 s, did not return for 10 s",
        "Exiting, ERROR, ended the JVM with exit status 0, ended the JVM with exit status 0",
        "Halting, ERROR, ended the JVM with exit status 9, ended the JVM with exit status 9",
        "Exhausted, ERROR, ended without a result, java.lang.OutOfMemoryError: pretended"
    })
    void aRunThatIsLostIsLostAgain(String name, String status, String what, String problem) throws Exception {
        lostAgain(name, status, what, problem);
    }

    private static void lostAgain(String name, String status, String what, String problem) throws Exception {
        Class<?> provider = Class.forName(Lapsing.class.getName() + "$" + name);
        // jqwik goes on after an error of the JVM's, which is then a failure like others; Jupiter does not
        List<JsonNode> lost = failures(provider, "lost", "--timeout", SECONDS, "--max-lost", "1").stream()
                .filter(failure -> messageOf(failure).contains(what + "\n"))
                .toList();
        assertEquals(1, lost.size(), lost::toString);
        JsonNode failure = lost.get(0);
        assertEquals(status, failure.get("status").asText());
        String more = replayed(failure);
        assertTrue(more.contains(problem), more);
        assertFalse(more.contains("replay: "), more);
    }

    /** {@return the tests that failed when they ran; behind one that ends a run there are those that did not run} */
    private static List<JsonNode> failures(Class<?> provider, String name, String... more)
            throws IOException, InterruptedException {
        Vendor.Outcome run = vendor.certify(provider, more);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        List<JsonNode> failures = new ArrayList<>();
        for (JsonNode test : vendor.report(name).get("tests")) {
            String status = test.get("status").asText();
            boolean ran = !messageOf(test).contains(" was planned but did not run");
            if (ran && (status.equals("FAIL") || status.equals("ERROR"))) {
                failures.add(test);
            }
        }
        assertFalse(failures.isEmpty());
        return failures;
    }

    /** {@return what a replay printed besides the failure that it is of} */
    private static String replayed(JsonNode failure) throws IOException, InterruptedException {
        String token = tokenOf(failure);
        Vendor.Outcome again = vendor.sh(commandOf(failure));
        String wanted = token + (failure.get("status").asText().equals("FAIL") ? " failed" : " in error") + "\n\n"
                + messageOf(failure).replaceFirst("(?m)^the same test fails for .*\\R", "") + "\n";
        assertEquals(ExitCode.NOT_CERTIFIED, again.exitCode(), () -> again.out() + again.err());
        assertEquals(
                wanted,
                again.out().substring(0, Math.min(wanted.length(), again.out().length())));
        assertEquals("", again.err());
        return again.out().substring(wanted.length());
    }

    private static String messageOf(JsonNode failure) {
        return failure.get("message").asText();
    }

    private static String commandOf(JsonNode failure) {
        List<String> commands = messageOf(failure)
                .lines()
                .filter(line -> line.startsWith("replay: "))
                .toList();
        assertEquals(1, commands.size(), () -> messageOf(failure));
        return commands.get(0).substring("replay: ".length());
    }

    private static String tokenOf(JsonNode failure) {
        String command = commandOf(failure);
        return command.substring(command.indexOf(" --replay ") + " --replay ".length())
                .replace("'", "");
    }

    private static String kindOf(JsonNode failure) {
        return failure.get("status").asText() + " of a "
                + (isProperty(failure.get("id").asText())
                        ? "property"
                        : tokenOf(failure).contains("[") ? "parameterised test" : "test")
                + (messageOf(failure).contains("\n    at ") ? ", thrown" : "");
    }

    private static boolean isProperty(String id) {
        return TestCatalogue.all().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow()
                .method()
                .isAnnotationPresent(Property.class);
    }
}
