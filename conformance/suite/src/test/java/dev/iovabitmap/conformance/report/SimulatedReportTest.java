package dev.iovabitmap.conformance.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.spi.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a certificate at tier kernel or hardware rests on. */
class SimulatedReportTest {
    @TempDir
    Path directory;

    private Path jar = Path.of("");
    private Path file = Path.of("");
    private ObjectNode report = JsonMapper.builder().build().createObjectNode();

    @BeforeEach
    void write() throws IOException {
        jar = Files.writeString(directory.resolve("acme.jar"), "a jar");
        file = Files.createDirectories(directory.resolve("acme-log")).resolve("report.json");
        report.put("schema", Report.SCHEMA)
                .put("spec", RuleCatalogue.load().spec())
                .put("tier", "simulated")
                .put("transport", "log")
                .put("verdict", "CERTIFIED");
        report.putObject("subject").put("provider", "acme").put("class", "Acme").put("sha256", digest(jar));
        Files.writeString(file, report.toString());
    }

    private static String digest(Path file) throws IOException {
        return BoundedFile.sha256(Files.readAllBytes(file));
    }

    private SimulatedReport look(Path where, Tier tier) {
        Order order = Order.certify(tier, Map.of("transport", "log"), 1);
        Description acme = new Description("acme", "1", "Acme", jar.toString(), Set.of(Feature.HARDWARE), null);
        return SimulatedReport.of(where, RuleCatalogue.load(), order, acme);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "HARDWARE"})
    void isFoundAmongReportsAndByItsOwnDirectory(Tier tier) throws IOException {
        for (Path where : new Path[] {directory, directory.resolve("acme-log")}) {
            SimulatedReport found = look(where, tier);
            assertNull(found.problem());
            assertEquals(digest(file), found.sha256());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "SIMULATED"})
    void isNotNeededBelow(Tier tier) {
        assertEquals(new SimulatedReport(null, null), look(directory.resolve("nowhere"), tier));
    }

    @ParameterizedTest
    @CsvSource({
        "/schema, x",
        "/spec, 0.9",
        "/tier, memory",
        "/tier, kernel",
        "/transport, type1",
        "/verdict, NOT_CERTIFIED",
        "/verdict, CERTIFIED_WITH_WAIVERS",
        "/subject/provider, other",
        "/subject/class, Other",
        "/subject/sha256, 00"
    })
    void ofAnotherRunIsNone(String field, String value) throws IOException {
        int name = field.lastIndexOf('/');
        ((ObjectNode) report.at(field.substring(0, name))).put(field.substring(name + 1), value);
        Files.writeString(file, report.toString());
        refused("is '" + value + "', not '");
    }

    @Test
    void thatIsMissingOrUnreadableIsNone() throws IOException {
        Files.writeString(file, "{");
        refused("cannot be read");
        Files.writeString(file, "[]");
        refused("schema is ''");
        Files.delete(file);
        refused("is not there");
        jar = directory;
        refused("does not come from a jar");
    }

    @Test
    void ofAJarThatChangedIsNone() throws IOException {
        Files.writeString(jar, "another jar");
        refused("subject.sha256 is '");
    }

    private void refused(String why) {
        SimulatedReport none = look(directory, Tier.KERNEL);
        assertNull(none.sha256());
        String problem = assertNotNullAnd(none.problem());
        assertTrue(
                problem.startsWith("a certificate at tier kernel needs a CERTIFIED report of the same jar"), problem);
        assertTrue(problem.contains(why), problem);
    }

    private static String assertNotNullAnd(@org.jspecify.annotations.Nullable String text) {
        assertNotNull(text);
        return String.valueOf(text);
    }
}
