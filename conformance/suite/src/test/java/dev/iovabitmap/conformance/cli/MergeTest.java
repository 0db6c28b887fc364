package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.report.GuestKernel;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Certificates from many machines. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MergeTest {
    private Path good = Path.of("");
    private Path bad = Path.of("");

    @TempDir
    Path here;

    @BeforeAll
    void certifyOnce(@TempDir Path out) throws IOException {
        Cli.certifiedOnce(Right.class, out.resolve("good"));
        Cli.certifiedOnce(Wrong.Unavailable.class, out.resolve("bad"));
        good = out.resolve("good/right");
        bad = out.resolve("bad/right");
    }

    private Path copy(Path certificate, String name) throws IOException {
        Path copy = Files.createDirectories(here.resolve(name));
        try (Stream<Path> files = Files.list(certificate)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(String.valueOf(file.getFileName())));
            }
        }
        return copy;
    }

    private Cli merge(Path... directories) {
        return Cli.run(Stream.concat(
                        Stream.of("merge", "--out", here.resolve("merged").toString()),
                        Stream.of(directories).map(Path::toString))
                .toArray(String[]::new));
    }

    private JsonNode json() throws IOException {
        return JsonMapper.builder().build().readTree(Files.readString(here.resolve("merged/merged.json")));
    }

    @Test
    void allAreOnOnePageAndTheWorstCounts() throws Exception {
        Path one = copy(good, "runner-1/right");
        Path two = copy(bad, "runner-2/right");
        Cli run = merge(one, two);
        String html = Files.readString(here.resolve("merged/merged.html"));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new java.io.ByteArrayInputStream(
                        html.replace("<!DOCTYPE html>", "").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        JsonNode merged = json();
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().contains("2 verified, the worst is NOT CERTIFIED"), run.out()),
                () -> assertEquals("NOT_CERTIFIED", merged.get("verdict").asText()),
                () -> assertEquals("CERTIFIED", merged.at("/entries/0/verdict").asText()),
                () -> assertEquals(
                        "NOT_RUN", merged.at("/entries/1/rules/SET-1").asText()),
                () -> assertTrue(html.contains("runner-2"), html),
                () -> assertFalse(html.contains("<script") || html.contains("http://") || html.contains("src=")));
        assertEquals(ExitCode.CERTIFIED, merge(one).exitCode());
    }

    @Test
    void hundredsAreFoundInOneDirectory() throws IOException {
        for (int i = 0; i < 200; i++) {
            copy(good, String.format(Locale.ROOT, "lab/runner-%03d/right", i));
        }
        Cli run = merge(here.resolve("lab"));
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.err());
        assertEquals(200, json().get("entries").size());
    }

    @Test
    void oneThatIsNamedTwiceCountsOnce() throws IOException {
        copy(good, "lab/runner-1/right");
        copy(good, "lab/runner-2/right");
        merge(here.resolve("lab"));
        String once = Files.readString(here.resolve("merged/merged.html"));
        Files.createSymbolicLink(here.resolve("link"), here.resolve("lab/runner-1"));
        merge(here.resolve("lab/runner-2"), here.resolve("lab"), here.resolve("link/right"));
        Files.delete(here.resolve("link")); // JUnit warns of a link that leads out of its directory
        assertEquals(once, Files.readString(here.resolve("merged/merged.html")));
    }

    @Test
    void oneThatIsNotVerifiedStopsIt() throws IOException {
        Path one = copy(good, "runner-1");
        Path two = copy(good, "runner-2");
        Files.writeString(two.resolve("badge.svg"), "<svg/>");
        Cli run = merge(one, two);
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out()),
                () -> assertTrue(run.out().contains("runner-2: badge.svg is not the file"), run.out()),
                () -> assertTrue(run.out().contains("NOT MERGED: 1 of 2"), run.out()),
                () -> assertFalse(Files.exists(here.resolve("merged"))));
    }

    @Test
    void aCertificateTakesNoPage() throws IOException {
        Path one = copy(good, "runner-1");
        for (Path inside : List.of(one, one.resolve("merged"), one.resolve("a/b"))) {
            Cli run = Cli.run("merge", one.toString(), "--out", inside.toString());
            assertEquals(ExitCode.USAGE, run.exitCode(), run.out());
        }
        assertEquals(ExitCode.CERTIFIED, Cli.run("verify", one.toString()).exitCode());
    }

    @Test
    void aFileInTheWayIsNamedWithTheReason() throws IOException {
        Path file = Files.writeString(here.resolve("file"), "x");
        Cli run = Cli.run("merge", good.toString(), "--out", file.toString());
        assertEquals(ExitCode.HARNESS, run.exitCode(), run.out());
        assertTrue(run.err().contains("cannot write into '" + file + "': '" + file + "' is no directory"), run.err());
    }

    /** What was changed in a kernel is told wherever results of it are. */
    @Test
    void tellsWhatWasChangedInAKernel() throws IOException {
        Path versions = Files.writeString(
                here.resolve("versions.json"),
                "{\"kernel\": \"uml-6.12\", \"release\": \"6.12.1\", \"packages\": [{\"name\": \"linux\","
                        + " \"version\": \"6.12.1-1\", \"sha256\": \"00\"}], \"changed\": [\"-old\", \"+new\"],"
                        + " \"module\": \"00\"}");
        System.setProperty(GuestKernel.PROPERTY, versions.toString());
        try {
            Cli.certify(Wrong.Unavailable.class, here.resolve("guest"), "--seed", "7");
        } finally {
            System.clearProperty(GuestKernel.PROPERTY);
        }
        merge(here.resolve("guest/right"));
        String html = Files.readString(here.resolve("merged/merged.html"));
        assertTrue(html.contains("Linux 6.12.1 of the guest uml-6.12 (linux 6.12.1-1), with this change: -old / +new"));
    }

    @Test
    void nothingToMergeIsUsage() throws IOException {
        Path empty = Files.createDirectory(here.resolve("empty"));
        for (List<String> args : List.of(
                List.of("merge"),
                List.of("merge", empty.toString()),
                List.of("merge", here.resolve("gone").toString()))) {
            assertEquals(ExitCode.USAGE, Cli.run(args.toArray(String[]::new)).exitCode(), args::toString);
        }
    }
}
