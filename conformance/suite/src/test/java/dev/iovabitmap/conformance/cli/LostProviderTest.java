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

/** Providers that never come back: a hang is a failure, a dead JVM an error, and there is a report either way. */
class LostProviderTest {
    /** It counts only while the provider waits, and then it waits for ever: no machine is too slow for it. */
    private static final String SECONDS = "2";

    @TempDir
    Path out;

    /** A hang, an exit and a crash: each is reported for its test, and all other tests run. */
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
                () -> assertTrue(run.out().contains("--timeout " + SECONDS + " --replay "), run.out()),
                () -> assertTrue(threads.startsWith("==== " + hung + " ===="), threads),
                () -> assertTrue(threads.contains(Wrong.class.getName() + ".hang"), threads),
                () -> assertTrue(crash.contains("SIGSEGV"), crash),
                () -> assertEquals(3, report.at("/attachments").size(), report::toString),
                () -> assertTrue(crash.startsWith("==== " + crashed + " ===="), crash),
                () -> assertTrue(output.contains("==== " + exited + " ====\ngood bye"), output));
    }

    @Test
    void atTheLimitTheRestIsNotRun() throws IOException {
        Cli run = Cli.certify(Wrong.ExitsInAllocate.class, out, "--max-lost", "2", "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, "right");
        List<String> lost = new ArrayList<>();
        List<String> notRun = new ArrayList<>();
        report.at("/tests").forEach(test -> {
            switch (test.get("status").asText()) {
                case "ERROR" -> lost.add(test.get("message").asText());
                case "NOT_RUN" -> notRun.add(test.get("message").asText());
                default -> {}
            }
        });
        String limit = "2 tests were lost, which is the limit, so nothing more was run";
        assertAll(
                () -> assertEquals(2, lost.size(), lost::toString),
                () -> assertTrue(lost.stream().allMatch(one -> one.contains("ended the JVM with exit status 0"))),
                () -> assertTrue(notRun.size() > 100, report::toString),
                () -> assertTrue(notRun.stream().allMatch(one -> one.endsWith(limit)), notRun::toString),
                () -> assertEquals(limit, report.at("/problems/2").asText()),
                () -> assertTrue(run.out().contains("good bye"), run.out()));
    }

    @Test
    void hangBeforeTheTestsIsReported() throws IOException {
        // at any tier, so it is asked for its device before, and hangs there too
        Cli run = Cli.certify(Wrong.HangsInFeatures.class, out, "--timeout", SECONDS);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertEquals(
                "features() of class '" + Wrong.HangsInFeatures.class.getName() + "' did not return for " + SECONDS
                        + " s",
                Cli.report(out, "right").at("/problems/0").asText());
    }

    @Test
    void hangBeforeTheNameIsReportedUnderTheClass() throws IOException {
        Class<?> provider = Wrong.HangsInConstructor.class;
        Cli run = Cli.certify(provider, out, "--timeout", SECONDS, "--tier", "memory");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        String name = ReportDirectory.nameOf(provider.getName());
        JsonNode report = Cli.report(out, name);
        String threads = Files.readString(out.resolve(name).resolve("thread-dump.txt"));
        String problem = "the constructor of class '" + provider.getName() + "' did not return for " + SECONDS + " s";
        assertAll(
                () -> assertEquals(problem, report.at("/problems/0").asText()),
                () -> assertEquals(name, report.at("/subject/provider").asText()),
                () -> assertEquals(
                        provider.getName(), report.at("/subject/class").asText()),
                () -> assertEquals("ERROR", report.at("/rules/0/status").asText()),
                () -> assertTrue(threads.contains(Wrong.class.getName() + ".hang"), threads),
                () -> assertTrue(run.out().contains(problem), run.out()));
    }

    @Test
    void replayOfAProviderThatCannotBeNamedSaysWhy() {
        Cli run = Cli.certify(Wrong.ExitsInConstructor.class, out, "--replay", "AllocTest.refusesLengthZero@1");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(run.err().contains("ended the JVM with exit status 0"), run.err());
    }

    @ParameterizedTest
    @CsvSource({
        "dev.iovabitmap.conformance.vendor.Wrong$LinksTheCrashLog, ended the JVM with exit status 9",
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
        assertFalse(Files.exists(out.resolve("right/crash.log")), "a file that is no log");
    }
}
