package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Whole runs of certify on providers that answer. */
class CertifyTest {
    private static final Set<String> FILES =
            Set.of("report.json", "report.html", "junit.xml", "statement.json", "badge.svg", "SHA256SUMS");

    @TempDir
    Path out;

    @Test
    void providerThatKeepsTheRulesIsCertified() throws Exception {
        Cli run = Cli.certify(Right.class, out, "--seed", "18446744073709551615");
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
        JsonNode report = Cli.report(out, "right");
        assertAll(
                () -> assertEquals("CERTIFIED", report.at("/verdict").asText()),
                () -> assertEquals("right", report.at("/subject/provider").asText()),
                () -> assertEquals("1.2.3", report.at("/subject/version").asText()),
                () -> assertTrue(report.at("/subject/sha256").isNull()),
                () -> assertEquals("directory", report.at("/subject/location").asText()),
                () -> assertEquals("memory", report.at("/tier").asText()),
                () -> assertEquals("18446744073709551615", report.at("/seed").asText()),
                () -> assertTrue(run.out().contains("no device was involved"), run.out()),
                () -> assertEquals(FILES, names("right")));
        checkReports("right");
    }

    @Test
    void brokenRuleIsNamedWithACommandThatReplaysIt() throws IOException {
        Cli run = Cli.certify(Wrong.AcceptsLengthZero.class, out, "--seed", "42");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode rule = Cli.report(out, "right").at("/rules/0");
        String message = rule.get("message").asText();
        assertAll(
                () -> assertEquals("ALLOC-1", rule.get("id").asText()),
                () -> assertEquals("FAIL", rule.get("status").asText()),
                () -> assertTrue(
                        message.startsWith("ALLOC-1 (MUST): " + rule.get("text").asText()), message),
                () -> assertTrue(message.contains("seed 42\nreplay: "), message),
                () -> assertTrue(run.out().contains(firstLine(message.lines().skip(2))), run.out()));
        String replay = message.lines()
                .filter(line -> line.startsWith("replay: "))
                .findFirst()
                .orElseThrow();
        String token = replay.substring(replay.indexOf("--replay ") + "--replay ".length())
                .replace("'", "");
        Path untouched = out.resolve("untouched");
        Cli again = Cli.certify(Wrong.AcceptsLengthZero.class, untouched, "--replay", token);
        Cli good = Cli.certify(Right.class, untouched, "--replay", token);
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, again.exitCode(), again.err()),
                () -> assertTrue(again.out().contains(firstLine(message.lines().skip(2))), again.out()),
                () -> assertTrue(again.out().contains(replay), again.out()),
                () -> assertEquals(ExitCode.CERTIFIED, good.exitCode(), good.err()),
                () -> assertTrue(good.out().contains(token + " passed"), good.out()),
                () -> assertFalse(Files.exists(untouched)));
    }

    @Test
    void sameSeedGivesTheSameRulesSection() throws IOException {
        Cli.certifiedOnce(Wrong.ThrowsInAllocate.class, out);
        String first = Cli.report(out, "right").at("/rules").toString();
        Cli.certify(Wrong.ThrowsInAllocate.class, out, "--seed", Cli.SEED);
        assertEquals(first, Cli.report(out, "right").at("/rules").toString());
    }

    private static String firstLine(Stream<String> lines) {
        return lines.findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Wrong.ThrowsInAllocate.class,
                Wrong.LinksInAllocate.class,
                Wrong.Unavailable.class,
                Wrong.ThrowsInFeatures.class
            })
    void reportsAreWellFormed(Class<?> provider) throws Exception {
        Cli.certifiedOnce(provider, out);
        checkReports("right");
    }

    @Test
    void reportWithoutAnyNameIsWellFormed() throws Exception {
        Cli.certify(Wrong.ThrowsInName.class, out);
        checkReports(ReportDirectory.nameOf(Wrong.ThrowsInName.class.getName()));
    }

    private void checkReports(String name) throws Exception {
        Path directory = out.resolve(name);
        assertEquals(Set.of(), schema().validate(Cli.report(out, name)));
        Document junit = parse(Files.readAllBytes(directory.resolve("junit.xml")));
        String html = Files.readString(directory.resolve("report.html"));
        Document page = parse(html.replace("<!DOCTYPE html>", "").getBytes(StandardCharsets.UTF_8));
        assertAll(
                () -> assertEquals(
                        junit.getDocumentElement().getAttribute("tests"),
                        String.valueOf(junit.getElementsByTagName("testcase").getLength())),
                () -> assertEquals("en", page.getDocumentElement().getAttribute("lang")),
                () -> assertEquals(0, page.getElementsByTagName("script").getLength()),
                () -> assertFalse(html.contains("http://") || html.contains("src="), "not self-contained"));
        for (int i = 0; i < page.getElementsByTagName("th").getLength(); i++) {
            assertTrue(((Element) page.getElementsByTagName("th").item(i)).hasAttribute("scope"));
        }
    }

    @Test
    void schemaRefusesWhatIsNoReport() throws IOException {
        Cli.certifiedOnce(Wrong.Unavailable.class, out);
        JsonNode report = Cli.report(out, "right");
        ((com.fasterxml.jackson.databind.node.ObjectNode) report).put("verdict", "CERTIFIED");
        assertFalse(schema().validate(report).isEmpty(), "a report with a problem is never certified");
    }

    @Test
    void linkageErrorInATestIsAnError() throws IOException {
        Cli.certifiedOnce(Wrong.LinksInAllocate.class, out);
        assertEquals("ERROR", Cli.report(out, "right").at("/rules/0/status").asText());
    }

    @Test
    void unavailableProviderIsNotCertifiedIfItWasNamed() throws IOException {
        Cli run = Cli.certifiedOnce(Wrong.Unavailable.class, out);
        JsonNode report = Cli.report(out, "right");
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode()),
                () -> assertEquals("NOT_CERTIFIED", report.at("/verdict").asText()),
                () -> assertEquals("NOT_RUN", report.at("/rules/0/status").asText()),
                () -> assertTrue(run.out().contains("the moon is not full"), run.out()));
    }

    @Test
    void whatAProviderPrintsIsNoEvent() throws IOException {
        Cli run = Cli.certify(Wrong.Chatty.class, out);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        assertEquals("[]", Cli.report(out, "right").at("/problems").toString());
        assertTrue(Files.readString(out.resolve("right/output.txt")).contains("{\"event\":\"done\"}"));
    }

    @Test
    void whatAProviderSaysSteersNoTerminal() throws IOException {
        Cli run = Cli.certify(Wrong.Steers.class, out);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(run.out().contains("?[31m ?31m ?"), run.out());
        assertEquals(Printable.of(run.out()), run.out());
        for (String name : names("right")) {
            String text = Files.readString(out.resolve("right").resolve(name));
            assertEquals(Printable.of(text), text, name);
        }
        assertEquals("right", Cli.report(out, "right").at("/subject/provider").asText());
    }

    @Test
    void oldReportIsGoneEvenIfTheNewRunHasNone() throws IOException {
        Cli.certify(Wrong.HaltsInAllocate.class, out, "--max-lost", "1");
        assertTrue(Files.exists(out.resolve("right/report.json")));
        Files.writeString(out.resolve("right/statement.json"), "stale");
        Cli.certify(Wrong.Unavailable.class, out);
        assertEquals(FILES, names("right"));
    }

    @Test
    void oldReportsOfAllSubjectsGoBeforeTheFirstRun(@TempDir Path services) throws IOException {
        String path = register(services, Wrong.ThrowsInAllocate.class.getName(), Wrong.ThrowsToo.class.getName());
        Path old = Files.createDirectories(out.resolve("right")).resolve("report.json");
        Files.writeString(old, "{}");
        Path inTheWay = Files.createDirectories(out.resolve("throws-too")).resolve("notes.txt");
        Files.writeString(inTheWay, "mine");
        Cli run = Cli.run("certify", "--class-path", path, "--out", out.toString());
        assertAll(
                () -> assertEquals(ExitCode.HARNESS, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.err().contains("notes.txt"), run.err()),
                () -> assertTrue(Files.exists(inTheWay)),
                () -> assertFalse(Files.exists(out.resolve("right")), "neither the old report nor a new one"));
    }

    private static String register(Path services, String... providers) throws IOException {
        Path file = services.resolve("META-INF/services/dev.iovabitmap.spi.IovaBitmapProvider");
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, String.join("\n", providers));
        return Cli.VENDOR + java.io.File.pathSeparator + services;
    }

    @Test
    void servicesAreFoundAndBrokenOnesHideNone(@TempDir Path services) throws IOException {
        String path = register(
                services,
                Wrong.ExitsInConstructor.class.getName(),
                "com.acme.Gone",
                Wrong.ThrowsInAllocate.class.getName());
        Cli all = Cli.run("certify", "--class-path", path, "--out", out.toString());
        Cli one = Cli.run("certify", "--class-path", path, "--backend", "right", "--out", out.toString());
        Cli none = Cli.run("certify", "--class-path", path, "--backend", "nobody", "--out", out.toString());
        assertAll(
                () -> assertEquals(ExitCode.USAGE, all.exitCode(), all.out() + all.err()),
                () -> assertTrue(all.out().contains("ExitsInConstructor' ended the JVM"), all.out()),
                () -> assertTrue(Files.exists(out.resolve(
                        ReportDirectory.nameOf(Wrong.ExitsInConstructor.class.getName()) + "/report.json"))),
                () -> assertTrue(all.err().contains("com.acme.Gone"), all.err()),
                () -> assertTrue(all.out().contains("NOT CERTIFIED"), all.out()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, one.exitCode(), one.out() + one.err()),
                () -> assertEquals(ExitCode.USAGE, none.exitCode()),
                () -> assertTrue(none.err().contains("no backend is named 'nobody'; there are: right"), none.err()));
    }

    private Set<String> names(String subject) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(out.resolve(subject))) {
            files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        }
        return names;
    }

    private static JsonSchema schema() throws IOException {
        String resource = "/dev/iovabitmap/conformance/report/report.schema.json";
        try (InputStream in = Objects.requireNonNull(CertifyTest.class.getResourceAsStream(resource))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        }
    }

    private static Document parse(byte[] xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(xml));
    }
}
