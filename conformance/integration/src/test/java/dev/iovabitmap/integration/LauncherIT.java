package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher and the runnable jar, as a person in a shell meets them. */
class LauncherIT {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> MODULES = List.of("conformance/suite", "impl-heap", "impl-ffm", "impl-vfio");

    record Outcome(int exit, String out, String err) {}

    @TempDir
    private Path here;

    /** Maven leaves a jar alone whose POM alone was touched, and the launcher would build it again. */
    @BeforeAll
    static void theseJarsAreOfThisBuild() throws IOException {
        for (String module : MODULES) {
            try (Stream<Path> files = Files.list(ROOT.resolve(module).resolve("target"))) {
                for (Path jar :
                        files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    Files.setLastModifiedTime(jar, FileTime.from(Instant.now()));
                }
            }
        }
    }

    @Test
    void certifiesABackendFromAnotherDirectory() throws Exception {
        Outcome outcome = launch(ROOT, "certify", "--backend", "heap", "--out", "my reports", "--seed", "7");
        assertEquals(0, outcome.exit(), outcome::err);
        assertEquals("", outcome.err(), "and builds nothing");
        assertTrue(outcome.out().contains("CERTIFIED"), outcome::out);
        assertTrue(outcome.out().contains("no device was involved"), outcome::out);
        for (String file :
                List.of("report.json", "report.html", "junit.xml", "statement.json", "badge.svg", "SHA256SUMS")) {
            assertTrue(Files.isRegularFile(here.resolve("my reports/heap").resolve(file)), file);
        }
        Outcome verified = launch(ROOT, "verify", "my reports/heap", "--certified", "--subject", jar("impl-heap", ""));
        assertEquals(0, verified.exit(), verified::out);
        assertTrue(verified.out().startsWith("VERIFIED: heap "), verified::out);
        assertTrue(verified.out().contains("UNSIGNED (integrity only)"), verified::out);
        Outcome another = launch(ROOT, "verify", "my reports/heap", "--subject", jar("impl-ffm", ""));
        assertEquals(1, another.exit(), another::out);
    }

    @Test
    void certifiesAJarWithTheRunnableJarAlone() throws Exception {
        Outcome outcome = run(List.of(
                java(),
                "-jar",
                jar("conformance/suite", "-cli"),
                "certify",
                "--provider",
                "dev.iovabitmap.heap.HeapProvider",
                "--class-path",
                jar("impl-heap", ""),
                "--seed",
                "7"));
        assertEquals(0, outcome.exit(), outcome::err);
        String report = Files.readString(here.resolve("certification/heap/report.json"));
        assertTrue(report.contains("\"verdict\" : \"CERTIFIED\""), report);
        assertTrue(
                report.contains("\"file\" : \"" + Path.of(jar("impl-heap", "")).getFileName() + "\""), report);
    }

    /** What it prints is for a shell, wherever it was called from. */
    @Test
    void aFailureIsReplayedByTheLauncher() throws Exception {
        String classes = Path.of("target/test-classes").toAbsolutePath() + ":" + jar("impl-heap", "");
        Outcome outcome = launch(
                ROOT,
                "certify",
                "--out",
                "lossy",
                "--provider",
                LossyProvider.class.getName(),
                "--class-path",
                classes,
                "--seed",
                "7");
        assertEquals(1, outcome.exit(), outcome::err);
        String command = outcome.out()
                .lines()
                .filter(line -> line.startsWith("  replay: "))
                .findFirst()
                .orElseThrow()
                .substring("  replay: ".length());
        assertTrue(command.startsWith(ROOT.resolve("iova-bitmap") + " certify "), command);
        Outcome again = run(List.of("/bin/sh", "-c", command));
        assertEquals(1, again.exit(), again::err);
        String token = command.substring(command.lastIndexOf(' ') + 1).replace("'", "");
        assertTrue(again.out().startsWith(token + " failed\n"), again::out);
        assertTrue(again.out().endsWith("replay: " + command + "\n"), again::out);
    }

    @Test
    @Tag("repetition")
    void theSameSeedGivesTheSameRules() throws Exception {
        String[] rules = new String[2];
        for (int i = 0; i < 2; i++) {
            launch(ROOT, "certify", "--backend", "ffm-concurrent", "--out", "run" + i, "--seed", "0x2a");
            String report = Files.readString(here.resolve("run" + i + "/ffm-concurrent/report.json"));
            rules[i] = report.substring(report.indexOf("\"rules\""));
        }
        assertEquals(rules[0], rules[1]);
    }

    @Test
    void saysWhichBackendsThereAre() throws Exception {
        Outcome outcome = launch(ROOT, "certify", "--backend", "haep");
        assertEquals(2, outcome.exit());
        assertEquals(
                1, outcome.err().lines().filter(line -> line.contains("haep")).count(), outcome::err);
        for (String backend : List.of("heap", "heap-concurrent", "ffm", "ffm-concurrent", "vfio")) {
            assertTrue(outcome.err().contains(backend), outcome::err);
        }
    }

    @Test
    @Tag("repetition")
    void certifiesEachTransportWithASimulatedKernelAndSaysSo() throws Exception {
        Outcome outcome = launch(ROOT, "certify", "--backend", "vfio", "--out", ".");
        assertEquals(0, outcome.exit(), outcome::err);
        assertTrue(outcome.out().contains("simulated kernel; no hardware was tested"), outcome::out);
        for (String transport : List.of("log", "type1", "iommufd")) {
            String report = Files.readString(here.resolve("vfio-" + transport + "/report.json"));
            assertTrue(report.contains("\"verdict\" : \"CERTIFIED\""), report);
            assertEquals(
                    0,
                    launch(ROOT, "verify", "vfio-" + transport, "--certified").exit());
        }
    }

    @Test
    void aDeviceThatIsNotThereIsNoPass() throws Exception {
        Outcome outcome =
                launch(ROOT, "certify", "--backend", "vfio", "--tier", "hardware", "--required", "--out", ".");
        assertEquals(1, outcome.exit(), outcome::err);
        assertTrue(outcome.out().contains("NOT CERTIFIED"), outcome::out);
    }

    @Test
    void inspectsAFile() throws Exception {
        Files.write(here.resolve("ram.bitmap"), new byte[] {0, 6, 0, 0, 0, 0, 0, 0});
        Outcome outcome =
                launch(ROOT, "inspect", "ram.bitmap", "--iova", "4G", "--length", "256K", "--page-size", "4K");
        assertEquals(0, outcome.exit(), outcome::err);
        assertTrue(outcome.out().contains("0x100009000"), outcome::out);
    }

    @Test
    void worksThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(here.resolve("a link"), ROOT.resolve("iova-bitmap"));
        Outcome outcome = run(List.of(link.toString(), "rules", "--format", "markdown"));
        Files.delete(link); // JUnit warns of a link that leads out of its directory
        assertEquals(0, outcome.exit(), outcome::err);
        assertEquals(Files.readString(ROOT.resolve("docs/specification.md")), outcome.out());
    }

    @Test
    void saysWhatHasNoJarYet() throws Exception {
        Path root = repository(List.of());
        Outcome outcome = launch(root, "rules");
        assertEquals(3, outcome.exit());
        assertEquals(
                "iova-bitmap: conformance/suite has no jar yet, and IOVA_BITMAP_NO_BUILD forbids to build.\n",
                outcome.err());
    }

    @Test
    void saysWhatIsNewerThanItsJar() throws Exception {
        Path root = repository(MODULES);
        Path source =
                Files.createDirectories(root.resolve("impl-ffm/src/main/java")).resolve("New.java");
        Files.writeString(source, "class New {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        Outcome outcome = launch(root, "rules");
        assertEquals(3, outcome.exit());
        assertEquals(
                "iova-bitmap: impl-ffm/src/main/java/New.java is newer than its jar, and IOVA_BITMAP_NO_BUILD forbids"
                        + " to build.\n",
                outcome.err());
    }

    /** A directory with the launcher in it, and empty jars of some modules. */
    private Path repository(List<String> built) throws IOException {
        Path root = Files.createDirectories(here.resolve("re po"));
        Files.copy(ROOT.resolve("iova-bitmap"), root.resolve("iova-bitmap"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String module : built) {
            Path target = Files.createDirectories(root.resolve(module).resolve("target"));
            String suffix = module.startsWith("conformance") ? "-cli" : "";
            Files.createFile(target.resolve("iova-bitmap-" + Path.of(module).getFileName() + "-1" + suffix + ".jar"));
        }
        return root;
    }

    private Outcome launch(Path root, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(root.resolve("iova-bitmap").toString()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private Outcome run(List<String> command) throws Exception {
        Path out = Files.createTempFile(here, "out", "");
        Path err = Files.createTempFile(here, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(here.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("IOVA_BITMAP_NO_BUILD", "1");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.keySet().removeIf(name -> name.equals("JAVA_TOOL_OPTIONS") || name.equals("_JAVA_OPTIONS"));
        int exit = builder.start().waitFor();
        return new Outcome(
                exit, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String jar(String module, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve(module).resolve("target"))) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith("SNAPSHOT" + suffix + ".jar")
                            || file.matches(".*-[0-9.]+" + suffix + "[.]jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
