package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tier kernel with a program that starts no guests, and keeps to the contract of the one that does. */
class GuestsTest {
    private static final String VERSIONS = "{\"kernel\":\"uml-6.12\",\"release\":\"6.12.1\",\"packages\":"
            + "[{\"name\":\"linux-source-6.12\",\"version\":\"6.12.1-1\",\"sha256\":\"00\"}],"
            + "\"changed\":[\"-a\",\"+b\"],\"module\":\"11\",\"more\":1}";

    @TempDir
    Path directory;

    @AfterEach
    void forgetProgram() {
        System.clearProperty(Guests.PROGRAM);
    }

    private Cli certify(String script, String... more) throws IOException {
        return certify("exit 0", script, more);
    }

    /** The options are in the variables payload, out and kernel. */
    private Cli certify(String check, String script, String[] more) throws IOException {
        Path program = directory.resolve("run");
        Files.writeString(program, """
                #!/bin/sh
                while [ $# -gt 0 ]; do
                    case $1 in
                        --check) checking=1; shift ;;
                        --payload) payload=$2; shift 2 ;;
                        --out) out=$2; shift 2 ;;
                        --kernel) kernel=$2; shift 2 ;;
                        *) shift 2 ;;
                    esac
                done
                [ -z "$checking" ] || { %s; }
                """.formatted(check) + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        System.setProperty(Guests.PROGRAM, program.toString());
        String[] args = {"certify", "--backend", "vfio", "--tier", "kernel", "--out", out().toString()};
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of(more));
        return Cli.run(all.toArray(String[]::new));
    }

    private Path out() {
        return directory.resolve("reports");
    }

    private static String booted(String then) {
        return "mkdir -p \"$out\"\necho '" + VERSIONS + "' > \"$out/versions.json\"\n" + then;
    }

    @Test
    void reportsComeBackUnderTheVersionOfTheKernel() throws IOException {
        Cli run = certify(
                booted(
                        "mkdir -p \"$out/results/vfio-log-kernel\"\n"
                                + "cp \"$payload/argv\" \"$out/results/vfio-log-kernel/report.json\"\necho hello from $kernel\nexit 0"),
                "--seed",
                "18446744073709551615",
                "--transport",
                "log");
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.err());
        List<String> argv = Files.readAllLines(out().resolve("vfio-log-kernel-6.12/report.json"));
        assertAll(
                () -> assertTrue(Files.exists(out().resolve("vfio-log-kernel-6.1/report.json"))),
                () -> assertTrue(run.out().contains("hello from qemu-6.1"), run.out()),
                () -> assertTrue(run.out().contains("with this change: -a / +b"), run.out()),
                () -> assertEquals(
                        List.of(
                                Main.class.getName(),
                                "certify",
                                "--backend",
                                "vfio",
                                "--tier",
                                "kernel",
                                "--transport",
                                "log",
                                "--timeout",
                                "600",
                                "--max-lost",
                                "3",
                                "--seed",
                                "18446744073709551615",
                                "--simulated",
                                "/payload/simulated",
                                "--out",
                                "/results"),
                        argv.subList(argv.indexOf(Main.class.getName()), argv.size())));
    }

    /** The guest verifies what its certificates rest on, for which it needs all files; a link could lead anywhere. */
    @Test
    void simulatedReportsGoAlongWhole() throws IOException {
        Path report = Files.createDirectories(directory.resolve("simulated/vfio-log"));
        Files.writeString(report.resolve("report.json"), "{}");
        Files.writeString(report.resolve("SHA256SUMS"), "sums");
        Files.createSymbolicLink(report.resolve("crash.log"), Files.writeString(directory.resolve("secret"), "s"));
        Path listed = directory.resolve("listed");
        String digest = "5".repeat(64);
        Cli run = certify(
                booted("(cd \"$payload/simulated\"; find . -type f -o -type l | sort; grep -A1 -e --suite ../argv) > '"
                        + listed + "'\nexit 0"),
                "--simulated",
                directory.resolve("simulated").toString(),
                "--suite",
                digest);
        Files.delete(report.resolve("crash.log")); // JUnit warns of a link that leads out of its directory
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.err());
        assertEquals(
                List.of("./vfio-log/SHA256SUMS", "./vfio-log/report.json", "--suite", digest),
                Files.readAllLines(listed));
    }

    @Test
    void theWorstGuestCounts() throws IOException {
        Cli run = certify(booted("[ $kernel = qemu-6.1 ] && exit 1\nexit 0"));
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.err());
    }

    @Test
    void aGuestThatDiesIsAnErrorAndLeavesNoReport() throws IOException {
        certify(booted(
                "mkdir -p \"$out/results/vfio-log-kernel\"\necho x > \"$out/results/vfio-log-kernel/report.json\""));
        assertTrue(Files.exists(out().resolve("vfio-log-kernel-6.12/report.json")));
        Cli run = certify(
                booted("mkdir -p \"$out/results/vfio-log-kernel\"\n"
                        + "echo '{\"outcome\":\"died\",\"reason\":\"it was killed\",\"lastLines\":[\"one\",\"Oops\"]}'"
                        + " > \"$out/outcome.json\"\nexit 107"),
                "--guest",
                "uml-6.12");
        assertAll(
                () -> assertEquals(ExitCode.HARNESS, run.exitCode()),
                () -> assertTrue(run.err().contains("ERROR in guest uml-6.12"), run.err()),
                () -> assertTrue(run.err().contains("died: it was killed. The last lines of its console:"), run.err()),
                () -> assertTrue(run.err().contains("Oops"), run.err()),
                () -> assertFalse(Files.exists(out().resolve("vfio-log-kernel-6.12"))),
                () -> assertTrue(Files.exists(out().resolve("vfio-log-kernel-6.1"))));
    }

    @Test
    void noFileOfTheHostComesBackThatAGuestOnlyNames() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "of the host");
        Path other = Files.createDirectory(directory.resolve("other-kernel"));
        Files.writeString(other.resolve("report.json"), "of the host");
        certify(booted("mkdir -p \"$out/results/vfio-log-kernel\"\n"
                + "echo x > \"$out/results/vfio-log-kernel/report.json\"\n"
                + "ln -s '" + secret + "' \"$out/results/vfio-log-kernel/junit.xml\"\n"
                + "ln -s '" + other + "' \"$out/results/vfio-type1-kernel\"\nexit 0"));
        assertAll(
                () -> assertTrue(Files.exists(out().resolve("vfio-log-kernel-6.12/report.json"))),
                () -> assertFalse(Files.exists(out().resolve("vfio-log-kernel-6.12/junit.xml"))),
                () -> assertFalse(Files.exists(out().resolve("vfio-type1-kernel-6.12"))));
    }

    @Test
    void oneCommandInstallsWhatAllGuestsLack() throws IOException {
        String check = "[ $kernel = qemu-6.1 ] && own=qemu-system-x86 || own=bison; echo missing package: cpio;"
                + " echo missing package: $own; echo install: apt-get update '&&' apt-get install --yes cpio $own; exit 102";
        Cli run = certify(check, "touch '" + directory.resolve("started") + "'; exit 0", new String[0]);
        assertAll(
                () -> assertEquals(ExitCode.HARNESS, run.exitCode(), run.out()),
                () -> assertTrue(
                        run.err()
                                .contains(
                                        "install: apt-get update && apt-get install --yes cpio qemu-system-x86 bison"),
                        run.err()),
                () -> assertTrue(run.err().contains("missing package: bison"), run.err()),
                () -> assertEquals(1, run.err().split("install: ", -1).length - 1, run.err()),
                () -> assertFalse(Files.exists(directory.resolve("started"))));
    }

    @Test
    void aRequiredTransportThatDoesNotComeBackIsAFailure() throws IOException {
        String two = booted("mkdir -p \"$out/results/vfio-log-kernel\" \"$out/results/vfio-type1-kernel\"; exit 0");
        Cli older = certify(two, "--required", "--guest", "qemu-6.1");
        Cli newer = certify(two, "--required", "--guest", "uml-6.12");
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, older.exitCode(), older.err()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, newer.exitCode(), newer.err()),
                () -> assertTrue(newer.err().contains("gave no report of transport iommufd"), newer.err()));
    }

    @Test
    void guestIsKnownAndNeedsItsTier() throws IOException {
        assertEquals(ExitCode.USAGE, certify("exit 0", "--guest", "qemu").exitCode());
        System.clearProperty(Guests.PROGRAM);
        Cli run = Cli.run("certify", "--backend", "vfio", "--guest", "uml-6.12", "--out", out().toString());
        assertEquals(ExitCode.USAGE, run.exitCode());
        assertTrue(run.err().contains("--guest uml-6.12 needs --tier kernel"), run.err());
    }
}
