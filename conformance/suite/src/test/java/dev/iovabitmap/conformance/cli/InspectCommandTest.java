package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import picocli.CommandLine;

class InspectCommandTest {
    /** What the command did. */
    private record Outcome(int exitCode, String out, String err) {}

    @TempDir
    private Path directory;

    private Path bitmap;

    @BeforeEach
    void writeABitmap() throws IOException {
        byte[] bytes = new byte[32];
        bytes[0] = 0x06; // pages 1 and 2
        bytes[8] = -1; // pages 64 to 71
        bytes[31] = (byte) 0x80; // page 255
        bitmap = Files.write(directory.resolve("ram.bitmap"), bytes);
    }

    private static Outcome run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new InspectCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    /** One sentence after the command's name, the documented code, and no output. */
    private static void refuses(int exitCode, String sentence, Object... arguments) {
        Outcome outcome = run(arguments);
        assertEquals("inspect: " + sentence + System.lineSeparator(), outcome.err);
        assertEquals(exitCode, outcome.exitCode);
        assertEquals("", outcome.out);
    }

    @Test
    void printsRangesCountsAndPicture() {
        Outcome outcome = run(bitmap, "--iova", "4G", "--length", "1M", "--page-size", "4K", "--ascii");
        assertEquals("""
                %s
                  covers         0x100000000 to 0x1000fffff, 1 MiB
                  pages          256 of 4 KiB
                  bitmap         32 bytes, 4 words

                dirty ranges
                  0x100001000 to 0x100002fff  2 pages, 8 KiB
                  0x100040000 to 0x100047fff  8 pages, 32 KiB
                  0x1000ff000 to 0x1000fffff  1 page, 4 KiB

                  dirty pages    11 of 256 (4.30 %%), 44 KiB
                  ranges         3
                  longest range  0x100040000 to 0x100047fff, 8 pages, 32 KiB

                density, 1 page (4 KiB) a cell: ' ' clean, '.' to '#' partly, '@' all dirty
                0x100000000 | @@                                                             |
                0x100040000 |@@@@@@@@                                                        |
                0x100080000 |                                                                |
                0x1000c0000 |                                                               @|
                """.formatted(bitmap), lines(outcome.out));
        assertEquals("", outcome.err);
        assertEquals(0, outcome.exitCode);
    }

    @Test
    void takesTheWholeFileAt4KibPagesFromZero() {
        assertEquals(run(bitmap), run(bitmap, "--iova=0", "--length=0x100000", "--page-size=4096", "--limit=20"));
    }

    @Test
    void limitsTheList() {
        String one = run(bitmap, "--limit", "1").out;
        assertTrue(one.contains("  0x01000 to 0x02fff  2 pages, 8 KiB\n  and 2 more; --all lists every one"), one);
        assertFalse(one.contains("  0x40000 to 0x47fff  8 pages, 32 KiB\n  "), one);
        String none = run(bitmap, "--limit", "0").out;
        assertTrue(none.contains("dirty ranges\n  and 3 more"), none);
    }

    @Test
    void listsAllOnRequest() throws IOException {
        byte[] many = new byte[8 * 1024];
        Arrays.fill(many, (byte) 0x55);
        Path path = Files.write(directory.resolve("many"), many);
        assertEquals(4 * many.length, ranges(run(path, "--all")));
        assertEquals(4 * many.length, ranges(run(path, "--limit", "0xffffffffffffffff")));
        assertEquals(20, ranges(run(path)));
    }

    private static long ranges(Outcome outcome) {
        return outcome.out
                        .lines()
                        .filter(line -> line.endsWith("1 page, 4 KiB"))
                        .count()
                - 1;
    }

    @Test
    void saysThatNothingIsDirty() throws IOException {
        String out = run(Files.write(directory.resolve("clean"), new byte[8])).out;
        assertTrue(out.contains("dirty ranges\n  none\n"), out);
        assertTrue(out.contains("  dirty pages    0 of 64 (0.00 %), 0 bytes\n"), out);
        assertFalse(out.contains("longest"), out);
        assertFalse(out.contains("note"), out);
    }

    @Test
    void notesStrayBitsAndBytesBehind() {
        String out = run(bitmap, "--length", "0x42001").out; // pages 0 to 66
        assertTrue(
                out.contains("  note           5 bits set behind the last page, in the last word:"
                        + " no page is theirs, and they are not counted\n"),
                out);
        assertTrue(out.contains("  note           16 bytes behind the bitmap not looked at\n"), out);
        assertTrue(out.contains("  0x40000 to 0x42000  3 pages, 8.00 KiB\n"), out);
    }

    @Test
    void drawsAsWideAsTold() {
        for (int width : List.of(32, 80, 1000)) {
            String out = run(bitmap, "--width", width, "--length", "0xff001").out;
            long longest = out.lines()
                    .filter(line -> line.startsWith("0x"))
                    .mapToInt(String::length)
                    .max()
                    .orElseThrow();
            assertTrue(longest <= width, out);
            assertTrue(longest > Math.min(width, 256) - 16, out);
        }
        refuses(2, "--width 31 is not from 32 to 1000", bitmap, "--width", "31");
        refuses(2, "--width 1001 is not from 32 to 1000", bitmap, "--width", "1001");
    }

    @Test
    void printsJson() throws IOException {
        Outcome outcome =
                run(bitmap, "--iova", "0xffffffffffe00000", "--length", "0x1ff001", "--page-size", "8K", "--json");
        assertEquals(0, outcome.exitCode);
        JsonNode json = new ObjectMapper().readTree(outcome.out);
        assertEquals(
                new ObjectMapper().readTree("""
                        {"file": "%s", "iova": "0xffffffffffe00000", "length": "0x1ff001", "pageSize": "0x2000",
                         "pages": 256, "bitmapBytes": 32, "bytesBehind": 0,
                         "ranges": [{"iova": "0xffffffffffe02000", "length": "0x4000", "pages": 2},
                                    {"iova": "0xffffffffffe80000", "length": "0x10000", "pages": 8},
                                    {"iova": "0xffffffffffffe000", "length": "0x1001", "pages": 1}],
                         "rangesNotListed": 0, "rangeCount": 3, "dirtyPages": 11, "dirtyBytes": "0x15001",
                         "longestRange": {"iova": "0xffffffffffe80000", "length": "0x10000", "pages": 8},
                         "strayBits": 0}
                        """.formatted(bitmap)), ((ObjectNode) json.deepCopy()).without("density"));
        assertEquals(1, json.at("/density/pagesPerCell").asInt());
        assertEquals(256, json.at("/density/dirtyPages").size());
        assertEquals(1, json.at("/density/dirtyPages/64").asInt());
    }

    @Test
    void limitsTheListInJson() throws IOException {
        JsonNode json = new ObjectMapper().readTree(run(bitmap, "--json", "--limit", "1").out);
        assertEquals(1, json.get("ranges").size());
        assertEquals(2, json.get("rangesNotListed").asInt());
        JsonNode clean =
                new ObjectMapper().readTree(run(Files.write(directory.resolve("clean"), new byte[8]), "--json").out);
        assertTrue(clean.get("longestRange").isNull());
    }

    @Test
    void writesAnSvgThatCanBeReadAloud() throws Exception {
        Path svg = directory.resolve("heat <&> map.svg");
        Outcome outcome = run(bitmap, "--svg", svg);
        assertEquals(0, outcome.exitCode);
        assertTrue(outcome.out.endsWith("\nwrote " + svg + "\n"), outcome.out);
        Document document =
                DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(svg.toFile());
        Element root = document.getDocumentElement();
        assertEquals("img", root.getAttribute("role"));
        assertEquals("title desc", root.getAttribute("aria-labelledby"));
        List<String> titles = Stream.iterate(0, i -> i + 1)
                .limit(document.getElementsByTagName("title").getLength())
                .map(i -> document.getElementsByTagName("title").item(i).getTextContent())
                .toList();
        assertEquals("Dirty pages of " + bitmap, titles.get(0));
        assertEquals(1 + 11, titles.size()); // one for each dirty cell, which is a page here
        assertEquals("0x1000 to 0x1fff: 1 of 1 page dirty", titles.get(1));
        assertEquals(
                "IOVA 0x0 to 0xfffff at 4 KiB a page: 11 of 256 pages dirty (4.30 %) in 3 ranges."
                        + " Each cell is 1 page; the darker, the more of them are dirty.",
                document.getElementsByTagName("desc").item(0).getTextContent());
        assertNoDrafts();
    }

    @Test
    void replacesAnSvgAndSaysSo() throws IOException {
        Path svg = Files.writeString(directory.resolve("old.svg"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link.svg"), svg);
        Outcome outcome = run(bitmap, "--svg", link);
        assertTrue(
                outcome.out.contains("wrote " + svg.toRealPath() + " (replaced the file that was there)"), outcome.out);
        assertTrue(Files.readString(svg).contains("<svg"));
        assertTrue(Files.isSymbolicLink(link));
        JsonNode json = new ObjectMapper().readTree(run(bitmap, "--json", "--svg", svg).out);
        assertEquals(svg.toRealPath().toString(), json.get("svg").asText());
        assertTrue(json.get("svgReplaced").asBoolean());
        assertNoDrafts();
    }

    private void assertNoDrafts() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".tmp")).toList());
        }
    }

    @Test
    void refusesToWriteAnSvgWhereItCannot() throws IOException {
        Path missing = directory.resolve("missing/heat.svg");
        refuses(2, "--svg '" + missing + "' cannot be written: its directory does not exist", bitmap, "--svg", missing);
        refuses(2, "--svg '" + directory + "' cannot be written: it is a directory", bitmap, "--svg", directory);
        refuses(2, "--svg '" + bitmap + "' cannot be written: it is the bitmap itself", bitmap, "--svg", bitmap);
        refuses(
                2,
                "--svg '/dev/null' cannot be written: it is a device, a pipe or another special file",
                bitmap,
                "--svg",
                "/dev/null");
        Path inAFile = bitmap.resolve("heat.svg");
        refuses(2, "--svg '" + inAFile + "' cannot be written: its directory does not exist", bitmap, "--svg", inAFile);
        assertEquals(32, Files.size(bitmap));
    }

    @Test
    void refusesWhatIsNoBitmapFile() throws IOException {
        Path missing = directory.resolve("missing");
        refuses(2, "'" + missing + "' cannot be read: there is no such file", missing);
        refuses(2, "'" + directory + "' is a directory, not a bitmap file", directory);
        Path empty = Files.createFile(directory.resolve("empty"));
        refuses(2, "'" + empty + "' is empty", empty);
        refuses(2, "'" + empty + "' is empty", empty, "--length", "4K");
        refuses(2, "'/dev/null' is a device, a pipe or another special file, not a bitmap file", "/dev/null");
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // opening a pipe waits for a writer
    void refusesAPipe() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refuses(2, "'" + pipe + "' is a device, a pipe or another special file, not a bitmap file", pipe);
    }

    @Test
    void refusesWhatMayNotBeRead() throws IOException {
        Files.setPosixFilePermissions(bitmap, PosixFilePermissions.fromString("---------"));
        if (Files.isReadable(bitmap)) { // as root
            assertEquals(0, run(bitmap).exitCode);
        } else {
            refuses(2, "'" + bitmap + "' cannot be read: permission denied", bitmap);
        }
    }

    @Test
    void refusesSizesThatDoNotFit() throws IOException {
        refuses(
                2,
                "'" + bitmap + "' is too short: 1.00 MiB at 4 KiB a page need 40 bytes, and it has 32",
                bitmap,
                "--length",
                "0x100001");
        Path odd = Files.write(directory.resolve("odd"), new byte[12]);
        refuses(
                2,
                "'" + odd + "' has 12 bytes, which is not a multiple of 8, the size of a word:"
                        + " say with --length what the bitmap covers",
                odd);
        assertEquals(0, run(odd, "--length", "256K").exitCode);
    }

    @Test
    void refusesLayoutsThatAreNone() {
        refuses(2, "pageSize 3 (0x3) is not a power of two from 1 to 2^63", bitmap, "--page-size", "3");
        refuses(2, "pageSize 0 (0x0) is not a power of two from 1 to 2^63", bitmap, "--page-size", "0");
        refuses(2, "length 0 (0x0): a bitmap covers at least one byte", bitmap, "--length", "0");
        refuses(
                2,
                "length 2 (0x2) from iova 18446744073709551615 (0xffffffffffffffff) wraps:"
                        + " the last address would be beyond 2^64 - 1",
                bitmap,
                "--iova",
                "0xffffffffffffffff",
                "--length",
                "2");
    }

    @Test
    void namesTheNumberThatIsNone() {
        Outcome outcome = run(bitmap, "--iova", "4Q");
        assertEquals(2, outcome.exitCode);
        assertTrue(
                outcome.err.startsWith("Invalid value for option '--iova': '4Q' is not a number:"
                        + " write decimal or 0x, with K, M, G or T for powers of 1024\n"),
                outcome.err);
        assertEquals(2, run(bitmap, "--all", "--limit", "3").exitCode);
        assertEquals(2, run().exitCode);
    }

    @Test
    void saysThatTheOutputWentNowhere() throws IOException {
        byte[] many = new byte[8 * 1024];
        Arrays.fill(many, (byte) 0x55);
        Path path = Files.write(directory.resolve("many"), many);
        for (String[] how :
                new String[][] {{path.toString()}, {path.toString(), "--all"}, {path.toString(), "--all", "--json"}}) {
            StringWriter err = new StringWriter();
            int exitCode = new CommandLine(new InspectCommand())
                    .setOut(new PrintWriter(new Closed()))
                    .setErr(new PrintWriter(err))
                    .execute(how);
            assertEquals(3, exitCode);
            assertTrue(err.toString().contains("the output could not be written"), err.toString());
        }
    }

    /** As when the reader of a pipe has gone. */
    private static final class Closed extends Writer {
        @Override
        public void write(char[] chars, int from, int count) throws IOException {
            throw new IOException("Broken pipe");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void helpNamesEachOptionAndExitCode() {
        Outcome outcome = run("--help");
        assertEquals(0, outcome.exitCode);
        for (String part : List.of(
                "FILE",
                "--iova",
                "--length",
                "--page-size",
                "--limit",
                "--all",
                "--svg",
                "--json",
                "--width",
                "--ascii",
                "  0   ",
                "  2   ",
                "  3   ")) {
            assertTrue(outcome.out.contains(part), part);
        }
    }

    private static String lines(String text) {
        return text.replace(System.lineSeparator(), "\n");
    }
}
