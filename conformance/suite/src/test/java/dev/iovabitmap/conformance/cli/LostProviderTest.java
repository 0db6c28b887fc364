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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that never come back: a hang is a failure, a dead JVM an error, and there is a report either way. */
class LostProviderTest {
    /** No clock runs while a child starts; between two events it then needs far less than this. */
    private static final String SECONDS = "2";

    @TempDir
    Path out;

    @Test
    void hangingTestFails() throws IOException {
        Cli run = Cli.certify(Wrong.HangsInAllocate.class, out, "--timeout", SECONDS);
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
                () -> assertTrue(run.out().contains("did not return"), run.out()),
                () -> assertTrue(run.out().contains("--timeout " + SECONDS + " --replay "), run.out()),
                () -> assertTrue(threads.contains(Wrong.class.getName() + ".hang"), threads),
                () -> assertEquals(
                        "thread-dump.txt", report.at("/attachments/0").asText()));
    }

    @ParameterizedTest
    @ValueSource(classes = {Wrong.HangsInFeatures.class, Wrong.HangsInAvailability.class})
    void hangBeforeTheTestsIsReported(Class<?> provider) throws IOException {
        Cli run = Cli.certify(provider, out, "--timeout", SECONDS);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(Cli.report(out, "right").at("/problems/0").asText().endsWith("did not return"), () -> run.out());
    }

    @ParameterizedTest
    @ValueSource(classes = {Wrong.HangsInConstructor.class, Wrong.HangsInName.class})
    void hangBeforeTheNameIsReportedUnderTheClass(Class<?> provider) throws IOException {
        Cli run = Cli.certify(provider, out, "--timeout", SECONDS);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        String name = ReportDirectory.nameOf(provider.getName());
        JsonNode report = Cli.report(out, name);
        String threads = Files.readString(out.resolve(name).resolve("thread-dump.txt"));
        assertAll(
                () -> assertTrue(report.at("/problems/0").asText().endsWith("did not return"), report::toString),
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
        Cli run = Cli.certify(provider, out);
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
