package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Classes that are no provider, or that answer badly: one sentence, the right exit code, and a report if there is a name. */
class BadProviderTest {
    @TempDir
    Path out;

    static Stream<Arguments> withoutName() {
        return Stream.of(
                Arguments.of(Wrong.NoProvider.class, "is not an IovaBitmapProvider"),
                Arguments.of(Wrong.IsAbstract.class, "is abstract"),
                Arguments.of(Wrong.NeedsArgument.class, "has no public constructor without parameters"),
                Arguments.of(notPublic(), "is not public"),
                Arguments.of(Wrong.NullName.class, "returned null"),
                Arguments.of(Wrong.ClimbingName.class, "'../x'"));
    }

    @ParameterizedTest
    @MethodSource("withoutName")
    void isAUsageErrorIfItCannotBeNamed(Class<?> provider, String said) throws IOException {
        Cli run = Cli.certify(provider, out);
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode(), run.err()),
                () -> assertTrue(run.err().contains(said), run.err()),
                () -> assertTrue(run.err().contains(provider.getName()), run.err()),
                () -> assertEquals(1, run.err().lines().count(), run.err()));
        try (Stream<Path> written = Files.list(out)) {
            assertEquals(0, written.count());
        }
    }

    static Stream<Arguments> failing() {
        return Stream.of(
                Arguments.of(Wrong.ThrowsInConstructor.class, "java.lang.IllegalStateException: no luck"),
                Arguments.of(Wrong.ThrowsInInitializer.class, "java.lang.IllegalStateException: no luck"),
                Arguments.of(Wrong.ThrowsInName.class, "java.lang.IllegalStateException: no luck"),
                Arguments.of(Wrong.ExitsInConstructor.class, "ended the JVM with exit status 0"));
    }

    @ParameterizedTest
    @MethodSource("failing")
    void getsAReportUnderItsClassIfItFailsBeforeItsName(Class<?> provider, String said) throws IOException {
        Cli run = Cli.certify(provider, out);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, ReportDirectory.nameOf(provider.getName()));
        assertAll(
                () -> assertEquals("NOT_CERTIFIED", report.at("/verdict").asText()),
                () -> assertTrue(report.at("/problems/0").asText().contains(said), report.toString()),
                () -> assertEquals("ERROR", report.at("/rules/0/status").asText()),
                () -> assertTrue(run.out().contains(said), run.out()));
    }

    static Stream<Arguments> withName() {
        return Stream.of(
                Arguments.of(Wrong.ThrowsInVersion.class, "version()"),
                Arguments.of(Wrong.ThrowsInFeatures.class, "features()"),
                Arguments.of(Wrong.ThrowsInAvailability.class, "availability()"),
                Arguments.of(Wrong.NullFeatures.class, "features()"),
                Arguments.of(Wrong.NullAvailability.class, "availability()"),
                Arguments.of(Wrong.ExitsInFeatures.class, "features()"));
    }

    @ParameterizedTest
    @MethodSource("withName")
    void getsAReportIfItHasAName(Class<?> provider, String question) throws IOException {
        Cli run = Cli.certify(provider, out);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        JsonNode report = Cli.report(out, "right");
        assertAll(
                () -> assertEquals("NOT_CERTIFIED", report.at("/verdict").asText()),
                () -> assertTrue(report.at("/problems/0").asText().startsWith(question), report.toString()),
                () -> assertTrue(run.out().contains(question), run.out()));
        assertTrue(report.at("/rules").size() > 0);
        report.at("/rules")
                .forEach(rule -> assertEquals("ERROR", rule.get("status").asText()));
    }

    @Test
    void missingClassIsNamed() {
        Cli run = Cli.run("certify", "--provider", "com.acme.Gone", "--out", out.toString());
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode()),
                () -> assertTrue(run.err().contains("class 'com.acme.Gone' is not on the class path"), run.err()));
    }

    @ParameterizedTest
    @MethodSource("dev.iovabitmap.conformance.cli.ForeignClass#withoutName")
    void classForAnotherVersionCannotBeNamed(ForeignClass foreign, String said, @TempDir Path classes)
            throws IOException {
        Cli run = certify(foreign, classes);
        assertAll(
                () -> assertEquals(ExitCode.USAGE, run.exitCode(), run.err()),
                () -> assertTrue(run.err().contains(said), run.err()));
    }

    @Test
    void providerWithoutAMethodOfThisApiIsInError(@TempDir Path classes) throws IOException {
        Cli run = certify(ForeignClass.WITHOUT_FEATURES, classes);
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
        assertTrue(
                Cli.report(out, "foreign").at("/problems/0").asText().contains("AbstractMethodError"), () -> run.out());
    }

    private Cli certify(ForeignClass foreign, Path classes) throws IOException {
        Files.write(classes.resolve("Foreign.class"), foreign.bytes());
        return Cli.run("certify", "--provider", "Foreign", "--class-path", classes.toString(), "--out", out.toString());
    }

    private static Class<?> notPublic() {
        try {
            return Class.forName(Wrong.class.getName() + "$NotPublic");
        } catch (ClassNotFoundException missing) {
            throw new AssertionError(missing);
        }
    }
}
