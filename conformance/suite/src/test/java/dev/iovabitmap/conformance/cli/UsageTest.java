package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input to the command line: exit code 2 and a sentence that names the wrong value. */
class UsageTest {
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(
                        "frob",
                        "there is no command 'frob'; there are certify, verify, sign, merge, rules, doctor, inspect"),
                Arguments.of("--frob", "Unknown option: '--frob'"),
                Arguments.of("certify --out=", "--out '' is no path"),
                Arguments.of("certify --provider a\u001b[31m --backend b", "exclude each other"),
                Arguments.of("certify --tier a\u001b[31m\u202e", "a?[31m?"),
                Arguments.of("inspect a --all --limit 3", "iova-bitmap: --limit=N, --all are mutually exclusive"),
                Arguments.of("rules SET-0", "'SET-0'"),
                Arguments.of("rules NONE", "'NONE'; the groups are ALLOC, "),
                Arguments.of("rules SET --format markdown", "markdown is the whole specification"),
                Arguments.of("certify --frobnicate", "--frobnicate"),
                Arguments.of("certify --seed twelve", "twelve"),
                Arguments.of("certify --seed 18446744073709551616", "18446744073709551616"),
                Arguments.of("certify --seed", "--seed"),
                Arguments.of("certify --timeout 0", "--timeout 0"),
                Arguments.of("certify --timeout 86401", "86401"),
                Arguments.of("certify --timeout soon", "soon"),
                Arguments.of("certify --tier orbit", "orbit"),
                Arguments.of("certify --tier memory --transport log", "--transport"),
                Arguments.of("certify --device 0000:01:00.0", "--device needs --tier"),
                Arguments.of("certify --tier simulated --device 0000:01:00.0", "--device needs --tier"),
                Arguments.of("certify --required", "--required needs --tier"),
                Arguments.of("certify --tier simulated --simulated x", "--simulated needs --tier"),
                Arguments.of("certify --suite " + "0".repeat(64), "--suite needs --tier kernel or hardware"),
                Arguments.of("certify --tier kernel --device d --backend b --suite 0", "--suite '0' is no SHA-256"),
                Arguments.of("certify --tier kernel --simulated=", "--simulated ''"),
                Arguments.of(
                        "certify --provider x --tier kernel --replay SupersetTest.bitmapsAnywhere@1/simulated",
                        "contradicts"),
                Arguments.of("certify --backend a --provider b", "--backend and --provider"),
                Arguments.of("certify --replay nonsense --backend a", "'nonsense'"),
                Arguments.of("certify --replay NoTest.none@1 --backend a", "NoTest.none"),
                Arguments.of("certify --replay NoTest.none@1", "--backend NAME or --provider CLASS"),
                Arguments.of("certify --replay A.b@1 --seed 2 --backend a", "'A.b@1'"),
                Arguments.of("certify --provider a --class-path /no/such/file.jar", "'/no/such/file.jar'"),
                Arguments.of("certify --provider a --class-path /no/such/*", "'/no/such/*'"),
                Arguments.of("certify --provider a --class-path pom.xml", "'pom.xml' is neither a jar nor"),
                Arguments.of("doctor --device=", "--device ''"),
                Arguments.of("doctor --provider a --class-path /no/such/file.jar", "'/no/such/file.jar'"),
                Arguments.of("rules --format pdf", "pdf"),
                Arguments.of("", "no command"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void isOneSentence(String line, String said) {
        Cli run = Cli.run(line.isEmpty() ? new String[0] : line.split(" ", -1));
        List<String> lines = run.err().lines().toList();
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode(), run.err()),
                () -> assertTrue(lines.get(0).startsWith("iova-bitmap: "), run.err()),
                () -> assertTrue(lines.get(0).contains(said), run.err()),
                () -> assertEquals(2, lines.size(), run.err()),
                () -> assertEquals("", run.out()));
    }

    @Test
    void directoryThatCannotBeWrittenIsTheHarness(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "in the way");
        Cli run = Cli.run(
                "certify", "--provider", "a", "--out", file.resolve("sub").toString());
        assertAll(
                () -> assertEquals(ExitCode.HARNESS, run.exitCode(), run.err()),
                () -> assertTrue(run.err().contains(file.resolve("sub").toString()), run.err()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/dev/null/sub", "/proc/no-such-directory"})
    void placeThatTakesNoReportsIsNamedInWords(String place) {
        Cli run = Cli.run("certify", "--provider", "a", "--out", place);
        assertAll(
                () -> assertEquals(ExitCode.HARNESS, run.exitCode(), run.err()),
                () -> assertTrue(run.err().contains("'" + place + "' for reports: "), run.err()),
                () -> assertFalse(run.err().contains("Exception"), run.err()));
    }

    @Test
    void outputThatIsLostIsTheHarness() {
        StringWriter err = new StringWriter();
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("no space left");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        int code = Main.run(new PrintWriter(full), new PrintWriter(err), "rules");
        assertEquals(ExitCode.HARNESS, code);
        assertTrue(err.toString().contains("the output could not be written to its end"), err.toString());
    }

    @Test
    void emptyFileNameIsNamed() {
        Cli run = Cli.run("inspect", "");
        assertEquals(ExitCode.USAGE, run.exitCode());
        assertTrue(run.err().contains("the name of the file is empty"), run.err());
    }

    @Test
    void withoutBackendsSaysSo(@TempDir Path out) {
        Cli run = Cli.run("certify", "--out", out.toString());
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode(), run.err()),
                () -> assertTrue(run.err().contains("there is no backend"), run.err()));
    }

    @Test
    void helpAndVersion() {
        for (String line : List.of("--help", "certify --help", "rules --help", "--version")) {
            Cli run = Cli.run(line.split(" ", -1));
            assertEquals(0, run.exitCode(), line);
            assertFalse(run.out().isBlank(), line);
            assertEquals("", run.err(), line);
        }
    }

    @Test
    void rulesThatWereNamed() {
        List<String> one = Cli.run("rules", "set-5").out().lines().toList();
        String group = Cli.run("rules", "SET", "ITER-1").out();
        String json = Cli.run("rules", "SET-5", "--format", "json").out();
        assertAll(
                () -> assertTrue(one.get(2).startsWith("SET-5 "), one::toString),
                () -> assertEquals(
                        1, one.stream().filter(line -> line.contains("-5 ")).count(), one::toString),
                () -> assertTrue(group.contains("SET-1 ") && group.contains("SET-5 "), group),
                () -> assertTrue(group.contains("ITER-1 ") && !group.contains("ITER-2 "), group),
                () -> assertTrue(json.contains("\"SET-5\"") && !json.contains("\"SET-1\""), json));
    }

    @Test
    void rulesInThreeFormats() {
        assertTrue(Cli.run("rules").out().contains("ALLOC-1 "));
        assertTrue(Cli.run("rules", "--format", "json").out().contains("\"ALLOC-1\""));
        assertTrue(Cli.run("rules", "--format", "markdown").out().startsWith("#"));
    }
}
