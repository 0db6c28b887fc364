package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What doctor prints, and what its exit code says. */
class DoctorTest {
    /** A provider that finds what it needs. */
    public static class Ready extends Right {
        /** Creates it. */
        public Ready() {}

        @Override
        public List<Finding> examine(Map<String, String> options) {
            return List.of(
                    Finding.ok("device", options.getOrDefault("device", "any")),
                    Finding.limited("isolation", "less than it could be", "make it more"),
                    Finding.unknown("a longer name", "who knows"));
        }
    }

    /** A provider that lacks something, and would steer a terminal. */
    public static class Lacking extends Right {
        /** Creates it. */
        public Lacking() {}

        @Override
        public List<Finding> examine(Map<String, String> options) {
            return List.of(
                    Finding.ok("device", "here"),
                    Finding.missing("modules", "none\u001b[2J\nok  forged", "modprobe vfio-pci"));
        }
    }

    /** A provider that throws where it shall not. */
    public static class Throwing extends Right {
        /** Creates it. */
        public Throwing() {}

        @Override
        public List<Finding> examine(Map<String, String> options) {
            throw new IllegalStateException("sysfs is on fire");
        }
    }

    /** A provider that takes its JVM with it. */
    public static class Deadly extends Right {
        /** Creates it. */
        public Deadly() {}

        @Override
        public List<Finding> examine(Map<String, String> options) {
            Runtime.getRuntime().halt(9);
            return List.of();
        }
    }

    private static Cli doctor(Class<?> provider, String... more) {
        List<String> args =
                new ArrayList<>(List.of("doctor", "--provider", provider.getName(), "--class-path", Cli.VENDOR));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    @Test
    void aHostThatLacksNothingIsReady() {
        Cli run = doctor(Ready.class, "--device", "0000:01:00.0");
        assertAll(
                () -> assertEquals(0, run.exitCode(), run.out() + run.err()),
                () -> assertEquals("", run.err()),
                () -> assertTrue(run.out().contains("""
                        Tier hardware, as provider right sees it
                          ok       device         0000:01:00.0
                          limited  isolation      less than it could be
                                     mend: make it more
                          ?        a longer name  who knows
                        """), run.out()),
                () -> assertTrue(run.out().contains("Tier hardware: possible here"), run.out()));
    }

    @Test
    void whatIsMissingComesWithItsMend() {
        Cli run = doctor(Lacking.class);
        assertAll(
                () -> assertEquals(1, run.exitCode(), run.out()),
                () -> assertTrue(run.out().contains("  MISSING  modules  none?[2J?ok  forged\n"), run.out()),
                () -> assertTrue(run.out().contains("             mend: modprobe vfio-pci\n"), run.out()),
                () -> assertTrue(run.out().contains("Tier hardware: not possible here: 1 missing."), run.out()));
    }

    @Test
    void aProviderThatBreaksIsALineAndNoStackTrace() {
        for (Class<?> broken : List.of(Throwing.class, Deadly.class)) {
            Cli run = doctor(broken);
            assertEquals(1, run.exitCode(), run.out());
            assertTrue(run.out().contains("  ?        provider right"), run.out());
            assertFalse(run.out().contains("\tat "), run.out());
            assertEquals("", run.err());
        }
        assertTrue(doctor(Throwing.class).out().contains("sysfs is on fire"));
    }

    @Test
    void aProviderWithoutFindingsIsNotReady() {
        Cli run = doctor(Right.class);
        assertEquals(1, run.exitCode());
        assertTrue(run.out().contains("Tier hardware: not possible here."), run.out());
    }

    @Test
    void theGuestsTellWhatTheyLack() {
        List<Finding> lacking = GuestFindings.findings("uml-6.12", 102, """
                unusable: programs cannot be run from /tmp (mounted noexec?); set TMPDIR to a directory where they can
                missing package: bison
                missing package: flex
                install: apt-get update && apt-get install --yes bison flex
                """);
        assertEquals(
                List.of(
                        Finding.missing(
                                "uml-6.12",
                                "packages are missing: bison, flex",
                                "apt-get update && apt-get install --yes bison flex"),
                        Finding.missing(
                                "uml-6.12",
                                "programs cannot be run from /tmp (mounted noexec?); set TMPDIR to a directory where they can",
                                "")),
                lacking);
        assertEquals("not possible here.", GuestFindings.sum(lacking));
        List<Finding> fine = GuestFindings.findings("uml-6.12", 0, "");
        assertEquals("possible here, with uml-6.12.", GuestFindings.sum(fine));
        List<Finding> odd = GuestFindings.findings("uml-6.12", 1, "line 3: HOME: unbound variable");
        assertEquals(Status.UNKNOWN, odd.get(0).status());
        assertTrue(odd.get(0).meaning().contains("HOME"));
    }
}
