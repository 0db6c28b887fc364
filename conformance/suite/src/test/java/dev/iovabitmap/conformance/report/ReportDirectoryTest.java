package dev.iovabitmap.conformance.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportDirectoryTest {
    @TempDir
    Path out;

    @Test
    void writesAllOrNothing() throws IOException {
        ReportDirectory directory = ReportDirectory.prepare(out, "acme");
        assertThrows(
                IOException.class, () -> directory.write(Map.of("report.json", new byte[1], "no/dir", new byte[1])));
        try (Stream<Path> left = Files.list(out)) {
            assertEquals(0, left.count());
        }
        directory.write(Map.of("report.json", new byte[1]));
        assertTrue(Files.exists(out.resolve("acme/report.json")));
    }

    @Test
    void removesTheOldReportBeforeTheRun() throws IOException {
        ReportDirectory.prepare(out, "acme").write(Map.of("report.json", new byte[1]));
        ReportDirectory.prepare(out, "acme");
        assertFalse(Files.exists(out.resolve("acme")));
    }

    @ParameterizedTest
    @CsvSource({
        "com.acme.AcmeProvider, com-acme-acmeprovider",
        "A$B__C, a-b-c",
        "_A, class-a",
        "\u00c4, class-",
        "dev.iovabitmap.conformance.vendor.AVeryLongNameOfAProviderWhichIsTooLong, dev-iovabitmap-conformance-vendor-averylongnameofaproviderwhichi"
    })
    void nameOfAClassIsOneOfADirectory(String className, String name) throws IOException {
        assertEquals(name, ReportDirectory.nameOf(className));
        assertEquals(name, ReportDirectory.prepare(out, name).name());
    }

    @Test
    void leavesForeignFilesAlone() throws IOException {
        Path precious = Files.createDirectory(out.resolve("acme")).resolve("precious.java");
        Files.writeString(precious, "x");
        IOException refusal = assertThrows(IOException.class, () -> ReportDirectory.prepare(out, "acme"));
        assertTrue(String.valueOf(refusal.getMessage()).contains("precious.java"));
        assertTrue(Files.exists(precious));
    }

    @Test
    void writesThroughNoLink(@TempDir Path elsewhere) throws IOException {
        Files.writeString(elsewhere.resolve("report.json"), "x");
        Files.createSymbolicLink(out.resolve("acme"), elsewhere);
        assertThrows(IOException.class, () -> ReportDirectory.prepare(out, "acme"));
        assertEquals("x", Files.readString(elsewhere.resolve("report.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".a", "../x", "a/b", "A", "-a", "a\n"})
    void refusesWhatIsNoName(String name) {
        assertThrows(IllegalArgumentException.class, () -> ReportDirectory.prepare(out, name));
    }
}
