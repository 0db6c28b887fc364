package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.faults.device.MockedProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates at tier kernel, and the simulated report that each rests on. The kernel is a mock. */
class KernelCertificateTest {
    private static final String NAME = "model-log-kernel";
    private static final String SIMULATED = "model-log";

    @TempDir
    static Path directory;

    private static Vendor vendor = Vendor.NOWHERE;

    @TempDir
    Path here;

    private Path certificate = Path.of("");

    @BeforeAll
    static void certifyOnce() throws Exception {
        vendor = Vendor.in(directory);
        certified(vendor.certify(MockedProvider.class, "--transport", "log", "--seed", "7"));
        certified(vendor.certify(
                MockedProvider.class, "--tier", "kernel", "--device", "mock", "--transport", "log", "--seed", "8"));
    }

    private static void certified(Vendor.Outcome run) {
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
    }

    @BeforeEach
    void copy() throws IOException {
        certificate = copy(NAME, here.resolve("reports"));
    }

    private static Path copy(String name, Path to) throws IOException {
        Path copy = Files.createDirectories(to.resolve(name));
        try (Stream<Path> files = Files.list(vendor.path("certification").resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return copy;
    }

    private Vendor.Outcome verify(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("verify", certificate.toString()));
        arguments.addAll(List.of(more));
        return Vendor.here(arguments.toArray(String[]::new));
    }

    private void verified(Vendor.Outcome run, String foundation) {
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().startsWith("VERIFIED: model-log "), run.out()),
                () -> assertTrue(run.out().contains("kernel: a running Linux kernel with a mock device"), run.out()),
                () -> assertTrue(run.out().contains(foundation), run.out()));
    }

    private static void notVerified(Vendor.Outcome run, String because) {
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().startsWith("NOT VERIFIED: "), run.out()),
                () -> assertTrue(run.out().contains(because), run.out()),
                () -> assertEquals(1, run.out().lines().count(), run.out()),
                () -> assertEquals("", run.err()));
    }

    @Test
    void isVerifiedWithItsFoundationBesideIt() throws Exception {
        JsonNode report = vendor.report(NAME);
        assertEquals("kernel", report.get("tier").asText());
        assertEquals(Vendor.JAR, report.at("/subject/file").asText());
        Path simulated = copy(SIMULATED, here.resolve("reports"));
        verified(
                verify("--certified", "--subject", vendor.path(Vendor.JAR).toString()),
                "which is verified: " + simulated);
        Files.writeString(simulated.resolve("badge.svg"), "<svg/>");
        notVerified(verify(), "badge.svg is not the file that SHA256SUMS speaks of");
    }

    @Test
    void saysWhatItDidNotSee() throws Exception {
        verified(verify(), "WHICH IS NOT HERE AND WAS NOT CHECKED");
    }

    @Test
    void isVerifiedWithTheFoundationThatIsNamed() throws Exception {
        Path elsewhere = here.resolve("elsewhere");
        Path simulated = copy(SIMULATED, elsewhere);
        for (Path named : List.of(elsewhere, simulated)) {
            verified(verify("--simulated", named.toString()), "which is verified: " + simulated);
        }
        notVerified(verify("--simulated", here.toString()), "the simulated report that it rests on is not in");
    }

    @Test
    void restsOnNoOtherReport() throws Exception {
        Vendor.Outcome again = vendor.certify(
                MockedProvider.class,
                "--transport",
                "log",
                "--seed",
                "9",
                "--out",
                here.resolve("again").toString());
        certified(again);
        notVerified(verify("--simulated", here.resolve("again").toString()), "its SHA-256 is ");
        notVerified(verify("--simulated", certificate.toString()), "its SHA-256 is ");
    }

    /** Where the foundation belongs lies the certificate itself. */
    @Test
    void doesNotRestOnItself() throws Exception {
        certificate = Files.move(certificate, certificate.resolveSibling(SIMULATED));
        notVerified(verify(), "its SHA-256 is ");
    }

    @Test
    void isNoneWithoutAFoundation() throws Exception {
        Vendor.Outcome run = vendor.certify(
                MockedProvider.class,
                "--tier",
                "kernel",
                "--device",
                "mock",
                "--transport",
                "type1",
                "--out",
                here.resolve("alone").toString());
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("certify with --tier simulated first"), run.out());
        certificate = here.resolve("alone/model-type1-kernel");
        Vendor.Outcome verified = verify();
        assertEquals(ExitCode.CERTIFIED, verified.exitCode(), verified.out() + verified.err());
        assertTrue(verified.out().startsWith("VERIFIED: model-type1 "), verified.out());
        assertTrue(verified.out().contains("is NOT CERTIFIED"), verified.out());
        assertEquals(ExitCode.NOT_CERTIFIED, verify("--certified").exitCode());
    }
}
