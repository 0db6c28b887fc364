package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reports in a real browser without a window. Chromium is asked by its command line alone: it prints the page as it stands
 * after everything ran, and its console. Without Chromium these tests are skipped, unless iova-bitmap.browser.required is set.
 */
class BrowserIT {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr");
    private static final int PHONE = 360;

    @TempDir
    private static Path here;

    private static String chromium = "";

    @BeforeAll
    static void findBrowser() {
        Optional<String> found = browser();
        if (Boolean.getBoolean("iova-bitmap.browser.required")) {
            assertTrue(found.isPresent(), "there is no chromium, and iova-bitmap.browser.required is set");
        }
        assumeTrue(found.isPresent(), "there is no chromium on the path");
        chromium = found.orElseThrow();
    }

    private static Optional<String> browser() {
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
                .flatMap(directory -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static String run(Path log, List<String> command) throws Exception {
        Path out = Files.createTempFile(here, "out", "");
        Process process = new ProcessBuilder(command)
                .directory(here.toFile())
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        assertTrue(process.waitFor(3, TimeUnit.MINUTES), () -> command + " did not end");
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    private static Path certify(String... more) throws Exception {
        Path jar;
        try (Stream<Path> files = Files.list(ROOT.resolve("conformance/suite/target"))) {
            jar = files.filter(file -> file.toString().endsWith("-cli.jar"))
                    .findFirst()
                    .orElseThrow();
        }
        Path out = Files.createTempDirectory(here, "reports");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                jar.toString(),
                "certify",
                "--class-path",
                Path.of("target/test-classes").toAbsolutePath()
                        + File.pathSeparator
                        + ROOT.resolve("impl-heap/target/classes"),
                "--seed",
                "42",
                "--out",
                out.toString()));
        command.addAll(List.of(more));
        run(out.resolveSibling(out.getFileName() + ".err"), command);
        try (Stream<Path> directories = Files.list(out)) {
            return directories.findFirst().orElseThrow();
        }
    }

    /** {@return the page as the browser has it in the end} */
    private static String browse(Path page) throws Exception {
        Path log = Files.createTempFile(here, "console", "");
        List<String> command = new ArrayList<>(FLAGS);
        command.add(0, chromium);
        command.add("--user-data-dir=" + Files.createTempDirectory(here, "profile"));
        command.add("--dump-dom");
        command.add(page.toUri().toString());
        String dom = run(log, command);
        String console = Files.readString(log, StandardCharsets.UTF_8);
        assertFalse(console.contains(":CONSOLE"), console);
        return dom;
    }

    private static void checkPage(Path directory, String verdict) throws Exception {
        JsonNode report = JsonMapper.builder().build().readTree(Files.readString(directory.resolve("report.json")));
        String dom = browse(directory.resolve("report.html"));
        String heading = textOf(between(dom, "<h1>", "</h1>"));
        assertAll(
                () -> assertEquals(verdict, report.get("verdict").asText()),
                () -> assertTrue(heading.endsWith(verdict.replace('_', ' ')), heading),
                () -> assertTrue(
                        heading.startsWith(report.at("/subject/provider").asText()), heading),
                () -> assertTrue(dom.contains("Tier <b>memory</b>: no device was involved."), "tier"),
                () -> assertFalse(dom.contains("<script"), "a script"),
                () -> assertEquals(1, count(dom, "<main"), "landmarks"),
                () -> assertEquals(1, count(dom, "<header"), "landmarks"),
                () -> assertEquals(1, count(dom, "<footer"), "landmarks"));
        for (JsonNode rule : report.get("rules")) {
            String row = textOf(between(dom, "<tr id=\"" + rule.get("id").asText() + "\">", "</tr>"));
            String status = rule.get("status").asText().toLowerCase(Locale.ROOT).replace('_', ' ');
            String word = switch (status) {
                case "pass" -> "passed";
                case "fail" -> "failed";
                case "error" -> "in error";
                default -> status;
            };
            assertTrue(
                    row.startsWith(rule.get("id").asText() + rule.get("level").asText()), row);
            assertTrue(row.contains(" " + word), () -> row + " is not " + word);
            assertTrue(row.contains(rule.get("text").asText()), row);
        }
        checkHeadings(dom);
        checkPhone(directory.resolve("report.html"));
    }

    /** No level of headings is left out. */
    private static void checkHeadings(String dom) {
        int before = 0;
        Matcher heading = Pattern.compile("<h([1-6])").matcher(dom);
        while (heading.find()) {
            int level = Integer.parseInt(heading.group(1));
            assertTrue(level <= before + 1, "h" + level + " after h" + before);
            before = level;
        }
    }

    /** In a frame as wide as a phone, nothing is wider than that. */
    private static void checkPhone(Path report) throws Exception {
        String page = Files.readString(report).replace("&", "&amp;").replace("\"", "&quot;");
        Path harness = Files.writeString(Files.createTempFile(here, "phone", ".html"), """
                <!DOCTYPE html><html><body><iframe style="border:0" width="%d" height="640" srcdoc="%s"></iframe><script>
                onload = () => { const root = frames[0].document.documentElement;
                    document.title = "needs " + root.scrollWidth + " of " + root.clientWidth; };
                </script></body></html>
                """.formatted(PHONE, page));
        String title = between(browse(harness), "<title>", "</title>");
        Matcher widths = Pattern.compile("needs (\\d+) of (\\d+)").matcher(title);
        assertTrue(widths.matches(), title);
        assertEquals(widths.group(2), widths.group(1), "wider than a phone");
    }

    private static String between(String text, String from, String to) {
        int start = text.indexOf(from);
        assertTrue(start >= 0, () -> from + " is not in the page");
        return text.substring(start + from.length(), text.indexOf(to, start));
    }

    private static String textOf(String html) {
        return html.replaceAll("<[^>]*>", "")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void aReportThatPasses() throws Exception {
        Path directory = certify("--provider", "dev.iovabitmap.heap.HeapProvider");
        checkPage(directory, "CERTIFIED");
        assertTrue(browse(directory.resolve("badge.svg")).contains("certified, memory"));
    }

    @Test
    void aReportThatFails() throws Exception {
        Path directory = certify("--provider", LossyProvider.class.getName());
        checkPage(directory, "NOT_CERTIFIED");
        String dom = browse(directory.resolve("report.html"));
        assertTrue(dom.contains("aria-label=\"Word 1: 1 bit differs: bit 0 is 0, not 1\""), "the bit that is lost");
    }

    @Test
    void aReportWithWaivers() throws Exception {
        List<String> waivers = Stream.of("ALLOC-1", "ALLOC-2", "ALLOC-3", "ALLOC-5")
                .map(BrowserIT::waiver)
                .toList();
        Path file = Files.writeString(
                here.resolve("waivers.json"),
                "{\"schema\": \"https://iovabitmap.dev/schema/waivers-1.json\", \"waivers\": ["
                        + String.join(",", waivers) + "]}");
        Path directory = certify("--provider", LenientProvider.class.getName(), "--waivers", file.toString());
        checkPage(directory, "CERTIFIED_WITH_WAIVERS");
        String page = textOf(browse(directory.resolve("report.html")));
        assertTrue(page.indexOf("Jo at Acme") < page.indexOf("What it says"), "waivers come before the rules");
    }

    private static String waiver(String rule) {
        return """
                {"owner": "Jo at Acme", "rule": "%s", "subject": {"provider": "lenient", "version": "0.9.1"},
                 "reason": "the next release marks every bit", "url": "https://acme.example/bugs/42", "expires": "%s"}
                """.formatted(rule, LocalDate.now(ZoneOffset.UTC).plusDays(30));
    }
}
