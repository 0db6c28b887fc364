package dev.iovabitmap.conformance.report;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the report draws. */
class PicturesTest {
    private static GuardedData data() {
        return new GuardedData(MemorySegment.ofArray(new long[4 + GuardedData.GUARD / 4]), 256, Fill.CLEAN);
    }

    private static List<WordPicture> seen(GuardedData data) {
        return WordPicture.in(String.valueOf(assertThrows(AssertionError.class, () -> data.check("operations: none"))
                .getMessage()));
    }

    @Test
    void bitsThatAreLostAndBitsThatAreStray() {
        GuardedData data = data();
        data.setBits(70, 72);
        data.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, 3, 1L << 63);
        List<WordPicture> words = seen(data);
        assertEquals(
                List.of(
                        "Word 1: 3 bits differ: bit 6 is 0, not 1; bit 7 is 0, not 1; bit 8 is 0, not 1",
                        "Word 3: 1 bit differs: bit 63 is 1, not 0"),
                words.stream().map(WordPicture::caption).toList());
        String page = page(words.get(0)::draw);
        assertAll(
                () -> assertEquals(8, count(page, "<svg")),
                () -> assertEquals(3, count(page, "class=\"arrow\"")),
                () -> assertEquals(3, count(page, "class=\"one\"")),
                () -> assertEquals(125, count(page, "class=\"zero\"")));
    }

    @Test
    void memoryInFrontOfTheDataAndBehindIt() {
        GuardedData front = new GuardedData(MemorySegment.ofArray(new byte[2 * GuardedData.GUARD + 8]), 64, Fill.CLEAN);
        MemorySegment whole =
                MemorySegment.ofArray((byte[]) front.data().heapBase().orElseThrow());
        whole.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 0);
        assertTrue(
                seen(front).get(0).caption().startsWith("Word -32: "),
                () -> seen(front).get(0).caption());
    }

    @Test
    void whatIsNoWordIsNotDrawn() {
        assertEquals(
                List.of(), WordPicture.in("word 1, bit 0 of the word:\n  expected 0x[[[[[[[[[[[[[[[[\n  actual 0x0"));
        assertEquals(List.of(), WordPicture.in("word 1: expected 0x0123456789abcdef, actual nothing"));
    }

    @Test
    void theMatrixOfFaults() {
        FaultMatrix matrix = FaultMatrix.read("""
                {"seed": "9", "rules": [], "faults": [
                  {"id": "loses-edges", "wrong": "stops at a word", "reEnacts": "B1", "rules": ["SET-2"], "notTried": [],
                   "tried": "2026-11-22", "caughtBy": ["SET-1", "SET-2"], "lost": [{"how": "hung", "rules": ["SET-3"]}]},
                  {"id": "survivor", "wrong": "nothing", "reEnacts": "B2", "rules": ["SET-1"], "notTried": ["SET-3"],
                   "tried": "2026-11-23", "caughtBy": [], "lost": []},
                  {"id": "edges-too", "wrong": "a bit", "reEnacts": "B4", "rules": ["SET-2"], "notTried": [],
                   "tried": "2026-11-23", "caughtBy": ["SET-1", "SET-2"], "lost": []},
                  {"id": "elsewhere", "wrong": "reads", "reEnacts": "B3", "rules": ["READ-1"], "notTried": [],
                   "tried": "2026-11-24", "caughtBy": ["READ-1"], "lost": []}
                ]}
                """.getBytes(StandardCharsets.UTF_8));
        String page = page(html -> matrix.draw(html, List.of("SET-1", "SET-2", "SET-3")));
        assertAll(
                () -> assertTrue(page.contains("3 deliberately wrong backends"), page),
                () -> assertTrue(page.contains(" from 2026-11-22 to 2026-11-23, with seed 9. 1 more have"), page),
                () -> assertFalse(page.contains("elsewhere"), page),
                () -> assertEquals(2, count(page, "class=\"caught\"")),
                () -> assertEquals(1, count(page, "class=\"missed\"")),
                () -> assertEquals(1, count(page, "class=\"others\" d=\"M53 15h4v4h-4zM73 15h4v4h-4z\"")),
                () -> assertEquals(1, count(page, "class=\"others\"")),
                () -> assertEquals(1, count(page, "class=\"lost\" d=\"M52 34l6 6m0-6l-6 6\"")),
                () -> assertEquals(1, count(page, "class=\"untried\" d=\"M63 37h4\"")),
                () -> assertTrue(page.contains("Cross: "), page),
                () -> assertTrue(page.contains("SET-1 misses survivor"), page),
                () -> assertTrue(page.contains("<dd>1: loses-edges, caught: stops at a word (B1)</dd>"), page),
                () -> assertTrue(page.contains("<dd>also caught: 1, 3</dd>"), page),
                () -> assertTrue(page.contains("<dd>never ended: 1</dd><dd>not tried: 2</dd>"), page),
                () -> assertFalse(page.contains("<script"), page));
    }

    @Test
    void stretchesOfColumnsAndNoCrosses() {
        StringBuilder faults = new StringBuilder();
        for (int i = 1; i <= 12; i++) {
            faults.append(i == 1 ? "" : ",").append("""
                    {"id": "f%d", "wrong": "w", "reEnacts": "s", "rules": ["SET-2"], "notTried": [], "tried": "2026-11-22",
                     "caughtBy": %s, "lost": []}
                    """.formatted(i, i == 4 || i == 12 ? "[]" : "[\"SET-1\"]"));
        }
        FaultMatrix matrix =
                FaultMatrix.read(("{\"seed\": \"1\", \"faults\": [" + faults + "]}").getBytes(StandardCharsets.UTF_8));
        String page = page(html -> matrix.draw(html, List.of("SET-1", "SET-2")));
        assertAll(
                () -> assertTrue(page.contains("12 deliberately wrong backends"), page),
                () -> assertTrue(page.contains(" on 2026-11-22, with seed 1. 0 more have"), page),
                () -> assertTrue(page.contains("<dd>also caught: 1 to 3, 5 to 11</dd>"), page),
                () -> assertTrue(page.contains("<text class=\"column\" x=\"145\" y=\"9\">10</text>"), page),
                () -> assertFalse(page.contains("Cross: "), page));
    }

    @ParameterizedTest
    @CsvSource({
        "memory, CERTIFIED, 'certified, memory', no device was involved",
        "simulated, CERTIFIED, 'certified, simulated kernel; no hardware was tested', no hardware was tested",
        "hardware, NOT_CERTIFIED, 'not certified, hardware', a real device",
        "kernel, CERTIFIED_WITH_WAIVERS, 'certified with waivers, kernel', mock device"
    })
    void theBadgeNamesVerdictAndTier(String tier, Verdict verdict, String shown, String meaning) {
        String svg = new String(Badge.of(report(tier, verdict)), StandardCharsets.UTF_8);
        String title = svg.substring(svg.indexOf("<title>"), svg.indexOf("</title>"));
        assertAll(
                () -> assertTrue(svg.contains(">" + shown + "<"), svg),
                () -> assertTrue(
                        title.contains("acme &lt;1&gt; is " + Wording.of(verdict) + " at tier " + tier), title),
                () -> assertTrue(title.contains(meaning), title));
    }

    private static Report report(String tier, Verdict verdict) {
        return new Report(
                Report.SCHEMA,
                new Report.Suite("1", null),
                "1.0",
                new Report.Subject("acme", "<1>", null, "Acme", "directory", null),
                tier,
                null,
                List.of(),
                null,
                List.of(),
                BigInteger.ONE,
                "2026-11-22",
                new Report.Environment("25", "vm", "os", "arch", 1, null),
                verdict,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static String page(HtmlWriter.Body body) {
        return new String(HtmlWriter.page("x", body), StandardCharsets.UTF_8);
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }
}
