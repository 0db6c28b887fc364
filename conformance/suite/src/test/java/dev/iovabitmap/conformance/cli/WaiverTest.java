package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.NotVerifiedException;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures that somebody answers for. */
class WaiverTest {
    private static final LocalDate TODAY = LocalDate.of(2027, 2, 28);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path here;

    @BeforeEach
    void fixTheDay() {
        System.setProperty(Today.PROPERTY, TODAY.toString());
    }

    @AfterEach
    void letTheDayGo() {
        System.clearProperty(Today.PROPERTY);
    }

    private static String waiver(String rule, String provider, String version) {
        return """
                {"owner": "Jo <jo@acme.example>", "rule": "%s", "subject": {"provider": "%s", "version": "%s"},
                 "reason": "takes length 0 for 1 until its callers are mended", "url": "https://acme.example/42", "expires": "%s"}
                """.formatted(rule, provider, version, TODAY.plusDays(30));
    }

    /** Taking length 0 breaks each rule that a refusing test speaks of. */
    private static String[] forAllThatFails() {
        return Stream.of("ALLOC-1", "ALLOC-2", "ALLOC-3", "ALLOC-5")
                .map(rule -> waiver(rule, "right", "[1.2,1.3)"))
                .toArray(String[]::new);
    }

    private Path file(String... waivers) throws IOException {
        return Files.writeString(
                here.resolve("waivers.json"),
                "{\"schema\": \"https://iovabitmap.dev/schema/waivers-1.json\", \"waivers\": ["
                        + String.join(",", waivers) + "]}");
    }

    private Cli certify(Class<?> provider, Path waivers) {
        return Cli.certify(provider, here, "--seed", "42", "--waivers", waivers.toString());
    }

    @Test
    void aWaivedFailureIsInEveryonesSight() throws IOException {
        Path waivers = file(Stream.concat(Stream.of(forAllThatFails()), Stream.of(waiver("SET-1", "right", "1.2.3")))
                .toArray(String[]::new));
        Cli run = certify(Wrong.AcceptsLengthZero.class, waivers);
        JsonNode report = Cli.report(here, "right");
        String html = Files.readString(here.resolve("right/report.html"));
        JsonNode statement = JSON.readTree(Files.readString(here.resolve("right/statement.json")));
        Cli verified = Cli.run("verify", here.resolve("right").toString());
        Cli strict = Cli.run("verify", here.resolve("right").toString(), "--certified");
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().contains("CERTIFIED WITH WAIVERS"), run.out()),
                () -> assertTrue(run.out().contains("ALLOC-1 is waived until"), run.out()),
                () -> assertTrue(run.out().contains("unused waiver: SET-1 is waived until"), run.out()),
                () -> assertEquals(
                        "CERTIFIED_WITH_WAIVERS", report.get("verdict").asText()),
                () -> assertEquals("WAIVED", report.at("/rules/0/status").asText()),
                () -> assertEquals(TODAY.toString(), report.get("date").asText()),
                () -> assertEquals(5, report.get("waivers").size()),
                () -> assertEquals(Set.of(), schema("report").validate(report)),
                () -> assertTrue(html.indexOf("jo@acme.example") < html.indexOf("<h2 id=\"rules\""), "first page"),
                () -> assertEquals("WARNED", statement.at("/predicate/result").asText()),
                () -> assertEquals(
                        "ALLOC-1", statement.at("/predicate/warnedTests/0").asText()),
                () -> assertEquals(ExitCode.CERTIFIED, verified.exitCode(), verified.out()),
                () -> assertTrue(
                        verified.out()
                                .startsWith(
                                        "VERIFIED: right 1.2.3 is CERTIFIED WITH WAIVERS (waived: ALLOC-1, ALLOC-2, ALLOC-3, ALLOC-5)"),
                        verified.out()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, strict.exitCode(), strict.out()));
        Path certificate = here.resolve("right");
        assertDoesNotThrow(() -> Certificate.verify(certificate, on(TODAY.plusDays(30))));
        NotVerifiedException early =
                assertThrows(NotVerifiedException.class, () -> Certificate.verify(certificate, on(TODAY.minusDays(2))));
        assertTrue(String.valueOf(early.getMessage()).contains("lies in the future"), early::getMessage);
        assertDoesNotThrow(() -> Certificate.verify(certificate, on(TODAY.minusDays(1))));
        System.setProperty(Today.PROPERTY, TODAY.plusDays(31).toString());
        Cli late = Cli.run("verify", certificate.toString());
        assertEquals(ExitCode.NOT_CERTIFIED, late.exitCode(), late.out());
        NotVerifiedException lapsed =
                assertThrows(NotVerifiedException.class, () -> Certificate.verify(certificate, on(TODAY.plusDays(31))));
        assertTrue(String.valueOf(lapsed.getMessage()).contains("has expired since"), lapsed::getMessage);
    }

    private static Trust on(LocalDate day) {
        Trust now = new TrustOptions().trust();
        return new Trust(now.suite(), now.suites(), now.catalogue(), day, null);
    }

    @Test
    void oneFailureWithoutAWaiverIsOneTooMany() throws IOException {
        String onItsLastDay =
                waiver("ALLOC-1", "right", "1.2.3").replace(TODAY.plusDays(30).toString(), TODAY.toString());
        Cli run = certify(Wrong.AcceptsLengthZero.class, file(onItsLastDay));
        JsonNode report = Cli.report(here, "right");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        assertEquals("WAIVED", report.at("/rules/0/status").asText());
        assertEquals("FAIL", report.at("/rules/1/status").asText());
        assertTrue(run.out().contains("right is NOT CERTIFIED (waived: ALLOC-1)"), run.out());
    }

    @Test
    void aWaiverForAnotherSubjectHelpsNobody() throws IOException {
        Cli run = certify(
                Wrong.AcceptsLengthZero.class,
                file(waiver("ALLOC-1", "left", "1.2.3"), waiver("ALLOC-1", "right", "1.2.4")));
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        assertEquals(
                2,
                Pattern.compile("unused waiver: no subject here")
                        .matcher(run.out())
                        .results()
                        .count(),
                run.out());
        assertEquals(0, Cli.report(here, "right").get("waivers").size());
    }

    @Test
    void whatPassesIsCertifiedWithoutItsWaiver() throws IOException {
        Cli run = certify(Right.class, file(waiver("ALLOC-1", "right", "1.2.3")));
        assertEquals("CERTIFIED", Cli.report(here, "right").get("verdict").asText());
        assertTrue(run.out().contains("unused waiver: ALLOC-1"), run.out());
    }

    @Test
    void whatCouldNotBeJudgedCannotBeWaived() throws IOException {
        Cli run = certify(Wrong.LinksInAllocate.class, file(waiver("ALLOC-1", "right", "1.2.3")));
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        assertEquals("ERROR", Cli.report(here, "right").at("/rules/0/status").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"ALLOC-1\"  | \"ALLOC-99\"   | there is no rule 'ALLOC-99'",
                "\"ALLOC-1\"  | \"*\"          | waiver 1 (rule '*'",
                "\"ALLOC-1\"  | \"ALLOC\"      | waiver 1 (rule 'ALLOC'",
                "\"ALLOC-1\"  | \"READ-1\"     | is part of no certificate",
                "\"ALLOC-1\"  | [\"ALLOC-1\"]  | line ",
                "\"right\"    | \"*\"          | subject.provider",
                "\"right\"    | null           | null",
                "\"1.2.3\"    | \"[1,)\"       | over-broad",
                "\"1.2.3\"    | \"*\"          | over-broad",
                "https://acme | ftp://acme    | url",
                "https://acme | javascript:// | url",
                "\"takes[^,]*mended\" | \" \"  | reason",
                "\"Jo [^,]*\" | \"\"           | owner",
                "\"expires\"  | \"expire\"     | expire",
                "waivers-1    | waivers-9      | schema",
                "\"Jo [^,]*\" | \"\u202e\"     | owner",
                "\"Jo [^,]*\" | \"a\\\\nb\"   | owner",
                "\"owner\"    | \"x\": 1, \"owner\" | x",
                "\"owner\"    | \"rule\": \"SET-1\", \"owner\" | rule"
            })
    void aWaiverThatCannotBeGrantedIsRefused(String part, String replacement, String because) throws IOException {
        Path file = file(waiver("ALLOC-1", "right", "1.2.3"));
        Files.writeString(file, Files.readString(file).replaceAll(part, replacement));
        refused(file, because);
    }

    @Test
    void timeIsLimited() throws IOException {
        Path file = file(forAllThatFails());
        String text = Files.readString(file);
        String until = TODAY.plusDays(30).toString();
        Files.writeString(file, text.replace(until, TODAY.minusDays(1).toString()));
        refused(file, "it expired on " + TODAY.minusDays(1));
        Files.writeString(file, text.replace(until, TODAY.plusDays(367).toString()));
        refused(file, "over-broad");
        Files.writeString(file, text.replace(until, "2027-02-30"));
        refused(file, "no date");
    }

    @Test
    void aFileOfAnythingElseIsRefused() throws IOException {
        refused(here.resolve("gone"), "gone");
        refused(Files.writeString(here.resolve("w"), "waivers:\n- owner: Jo\n"), "line 1");
        refused(Files.writeString(here.resolve("w"), "[".repeat(100_000)), "w'");
        refused(Files.write(here.resolve("w"), new byte[2 << 20]), "bytes");
        refused(Path.of("/dev/zero"), "bytes");
        refused(file(waiver("ALLOC-1", "right", "1.2.3"), waiver("ALLOC-1", "right", "1.2.3")), "twice");
        String[] many = Stream.of(1, 2, 3, 4, 5, 6, 7, 8)
                .flatMap(number -> Stream.of("SET-" + number, "ALLOC-" + Math.min(number, 5)))
                .distinct()
                .map(rule -> waiver(rule, "right", "1.2.3"))
                .toArray(String[]::new);
        refused(file(many), "over-broad");
    }

    private void refused(Path file, String because) {
        Cli run = certify(Right.class, file);
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.err().contains(because), run.err()),
                () -> assertEquals(2, run.err().lines().count(), run.err()),
                () -> assertFalse(Files.exists(here.resolve("right"))));
    }

    @Test
    void bothSchemasSayTheSameOfAWaiver() throws IOException {
        JsonNode own = read("waivers").at("/$defs/waiver");
        assertEquals(own, read("report").at("/$defs/waiver"));
        JsonNode file = JSON.readTree(Files.readString(file(waiver("ALLOC-1", "right", "1.2.3"))));
        assertEquals(Set.of(), schema("waivers").validate(file));
    }

    private static JsonNode read(String name) throws IOException {
        String resource = "/dev/iovabitmap/conformance/report/" + name + ".schema.json";
        try (InputStream in = Objects.requireNonNull(WaiverTest.class.getResourceAsStream(resource))) {
            return JSON.readTree(in);
        }
    }

    private static JsonSchema schema(String name) throws IOException {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(read(name));
    }
}
