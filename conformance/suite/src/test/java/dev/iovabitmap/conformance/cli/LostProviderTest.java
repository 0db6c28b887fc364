package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that never come back: a hang is a failure, a dead JVM an error, and there is a report either way. */
class LostProviderTest {
    /** It counts only while the provider waits, and then it waits for ever: no machine is too slow for it. */
    private static final String SECONDS = "2";

    @TempDir
    Path out;

    @Test
    void hangingTestFails() throws IOException {
        Cli run = Cli.certify(
                Wrong.HangsInAllocate.class, out, "--timeout", SECONDS, "--max-lost", "1", "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, "right");
        List<String> statuses = new ArrayList<>();
        report.at("/rules")
                .forEach(rule -> rule.get("tests")
                        .forEach(test -> statuses.add(test.get("status").asText())));
        String threads = Files.readString(out.resolve("right/thread-dump.txt"));
        assertAll(
                () -> assertTrue(statuses.contains("FAIL"), statuses::toString),
                () -> assertTrue(statuses.contains("NOT_RUN"), statuses::toString),
                () -> assertTrue(
                        run.out()
                                .contains("IovaBitmapProvider.allocate of " + Wrong.HangsInAllocate.class.getName()
                                        + " did not return for " + SECONDS + " s"),
                        run.out()),
                () -> assertTrue(run.out().contains("--timeout " + SECONDS + " --replay "), run.out()),
                () -> assertTrue(report.at("/problems/1").asText().contains("which is the limit"), report::toString),
                () -> assertTrue(threads.contains(Wrong.class.getName() + ".hang"), threads),
                () -> assertEquals(
                        "thread-dump.txt", report.at("/attachments/0").asText()));
    }

    /** A hang, an exit and a crash: each is told of its test, and all other tests run. */
    @Test
    void theRunGoesOnWithoutTheTestsThatAreLost() throws IOException {
        Cli run = Cli.certify(Wrong.LosesThree.class, out, "--timeout", SECONDS, "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, "right");
        Map<String, String> lost = new TreeMap<>();
        report.at("/tests").forEach(test -> {
            if (!test.get("status").asText().equals("PASS")) {
                lost.put(test.get("id").asText(), test.get("status").asText());
            }
        });
        List<String> problems = new ArrayList<>();
        report.at("/problems").forEach(problem -> problems.add(problem.asText()));
        String threads = Files.readString(out.resolve("right/thread-dump.txt"));
        String crash = Files.readString(out.resolve("right/crash.log"));
        String output = Files.readString(out.resolve("right/output.txt"));
        String hung = "AllocTest.takesLengthOne (ALLOC-1): IovaBitmapProvider.allocate of "
                + Wrong.LosesThree.class.getName() + " did not return for " + SECONDS + " s";
        String exited = "AllocTest.refusesReadOnlyData (ALLOC-4, ALLOC-5) ended the JVM with exit status 9";
        String crashed = "AllocTest.changesNoBit (ALLOC-6) crashed the JVM";
        assertAll(
                () -> assertEquals(
                        Map.of(
                                "AllocTest.changesNoBit", "ERROR",
                                "AllocTest.refusesReadOnlyData", "ERROR",
                                "AllocTest.takesLengthOne", "FAIL"),
                        lost),
                () -> assertEquals(
                        List.of(crashed, exited, hung),
                        problems.stream().sorted().toList()),
                () -> assertTrue(run.out().contains("ALLOC: 3 of 29 tests failed"), run.out()),
                () -> assertTrue(threads.startsWith("==== " + hung + " ===="), threads),
                () -> assertTrue(crash.startsWith("==== " + crashed + " ===="), crash),
                () -> assertTrue(output.contains("==== " + exited + " ====\ngood bye"), output));
    }

    @ParameterizedTest
    @ValueSource(classes = {Wrong.HangsInFeatures.class, Wrong.HangsInAvailability.class})
    void hangBeforeTheTestsIsReported(Class<?> provider) throws IOException {
        Cli run = Cli.certify(provider, out, "--timeout", SECONDS); // at any tier, so it is asked for its device before
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(
                Cli.report(out, "right").at("/problems/0").asText().endsWith("did not return for " + SECONDS + " s"),
                () -> run.out());
    }

    @ParameterizedTest
    @ValueSource(classes = {Wrong.HangsInConstructor.class, Wrong.HangsInName.class})
    void hangBeforeTheNameIsReportedUnderTheClass(Class<?> provider) throws IOException {
        Cli run = Cli.certify(provider, out, "--timeout", SECONDS, "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        String name = ReportDirectory.nameOf(provider.getName());
        JsonNode report = Cli.report(out, name);
        String threads = Files.readString(out.resolve(name).resolve("thread-dump.txt"));
        assertAll(
                () -> assertTrue(
                        report.at("/problems/0").asText().endsWith("did not return for " + SECONDS + " s"),
                        report::toString),
                () -> assertEquals(name, report.at("/subject/provider").asText()),
                () -> assertEquals(
                        provider.getName(), report.at("/subject/class").asText()),
                () -> assertEquals("ERROR", report.at("/rules/0/status").asText()),
                () -> assertTrue(threads.contains(Wrong.class.getName() + ".hang"), threads),
                () -> assertTrue(run.out().contains("did not return"), run.out()));
    }

    @Test
    void replayOfAProviderThatCannotBeNamedSaysWhy() {
        Cli run = Cli.certify(Wrong.ExitsInConstructor.class, out, "--replay", "AllocTest.refusesLengthZero@1");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(run.err().contains("ended the JVM with exit status 0"), run.err());
    }

    @ParameterizedTest
    @CsvSource({
        "dev.iovabitmap.conformance.vendor.Wrong$ExitsInAllocate, ended the JVM with exit status 0",
        "dev.iovabitmap.conformance.vendor.Wrong$HaltsInAllocate, ended the JVM with exit status 9",
        "dev.iovabitmap.conformance.vendor.Wrong$LinksTheCrashLog, ended the JVM with exit status 9",
        "dev.iovabitmap.conformance.vendor.Wrong$CrashesInAllocate, crashed the JVM",
        "dev.iovabitmap.conformance.vendor.Wrong$RunsOutOfMemory, ended without a result"
    })
    void deadJvmIsAnError(Class<?> provider, String said) throws IOException {
        Cli run = Cli.certify(provider, out, "--max-lost", "1", "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, "right");
        List<String> messages = new ArrayList<>();
        report.at("/rules").forEach(rule -> {
            if (rule.get("status").asText().equals("ERROR")) {
                messages.add(rule.get("message").asText());
            }
        });
        assertTrue(messages.stream().anyMatch(message -> message.contains(said)), messages::toString);
        if (provider == Wrong.CrashesInAllocate.class) {
            assertTrue(Files.readString(out.resolve("right/crash.log")).contains("SIGSEGV"));
        }
        if (provider == Wrong.LinksTheCrashLog.class) {
            assertFalse(Files.exists(out.resolve("right/crash.log")), "a file that is no log");
        }
        if (provider == Wrong.ExitsInAllocate.class) {
            assertTrue(run.out().contains("good bye"), run.out());
        }
    }
}
