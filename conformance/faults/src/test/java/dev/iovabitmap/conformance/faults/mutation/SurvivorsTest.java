package dev.iovabitmap.conformance.faults.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.faults.Root;
import dev.iovabitmap.conformance.faults.mutation.Scores.Score;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The check of the nightly run fails where it has to. */
class SurvivorsTest {
    private static final String KILLED = mutant("KILLED", "set", 4, "SetTest.one");
    private static final String SURVIVED = mutant("SURVIVED", "set", 9, "");
    private static final String NOT_COVERED = mutant("NO_COVERAGE", "lambda$get$3", 2, "");

    private static String mutant(String status, String method, int index, String killer) {
        return """
                <mutation detected='x' status='%s' numberOfTestsRun='1'><sourceFile>Words.java</sourceFile>
                <mutatedClass>acme.Words</mutatedClass><mutatedMethod>%s</mutatedMethod><methodDescription>(JJ)V</methodDescription>
                <lineNumber>42</lineNumber><mutator>org.pitest.mutationtest.engine.gregor.mutators.MathMutator</mutator>
                <indexes><index>%d</index></indexes><blocks><block>1</block></blocks><killingTest>%s</killingTest>
                <description>Replaced long addition with subtraction</description></mutation>
                """.formatted(status, method, index, killer);
    }

    private static List<Mutant> report(String... mutants) throws IOException {
        return PitReport.read(stream("<?xml version='1.0'?><mutations>" + String.join("", mutants) + "</mutations>"));
    }

    private static Survivors listed(boolean sometimes, String method, int occurrence) throws IOException {
        return Survivors.read(stream("""
                {"groups": [{"id": "same", "kind": "EQUIVALENT", "reason": "Adding 0.", "sometimes": %s, "mutants": [%s]}]}
                """.formatted(sometimes, reviewed(method, occurrence))));
    }

    private static String reviewed(String method, int occurrence) {
        return """
                {"type": "acme.Words", "method": "%s(JJ)V", "change": "Math: Replaced long addition with subtraction",
                "occurrence": %d, "at": "the sum"}""".formatted(method, occurrence);
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertProblem(String expected, List<String> problems) {
        assertTrue(problems.size() == 1 && problems.get(0).contains(expected), problems::toString);
    }

    @Test
    void agrees() throws IOException {
        assertEquals(List.of(), listed(false, "set", 2).problems(report(SURVIVED, KILLED)));
        assertEquals(List.of(), listed(true, "set", 1).problems(report(KILLED)));
    }

    @Test
    void aSurvivorThatIsNotListed() throws IOException {
        assertProblem(
                "not listed: acme.Words lambda$get$(JJ)V, Math: Replaced long addition with subtraction, no. 1 (line 42,"
                        + " NO_COVERAGE)",
                listed(false, "set", 2).problems(report(KILLED, SURVIVED, NOT_COVERED)));
        assertProblem(
                "not listed",
                listed(false, "set", 2).problems(report(SURVIVED, KILLED, mutant("SURVIVED", "set", 11, ""))));
    }

    @Test
    void oneThatIsListedAndDoesNotSurvive() throws IOException {
        assertProblem(
                "a test notices it: acme.Words set(JJ)V",
                listed(false, "set", 1).problems(report(KILLED)));
        assertProblem("(SetTest.one)", listed(false, "set", 1).problems(report(KILLED)));
    }

    /** A loaded machine may be too slow for a mutant that does the same as the program; that does not count as noticed. */
    @Test
    void oneThatIsListedAndTimesOut() throws IOException {
        Survivors listed = listed(false, "set", 1);
        List<Mutant> mutants = report(mutant("TIMED_OUT", "set", 10, ""));
        assertEquals(List.of(), listed.problems(mutants));
        assertEquals(new Score(1, 0, 0, 1, 0, 0), Scores.of(mutants, listed));
    }

    @Test
    void oneThatIsListedAndNotThere() throws IOException {
        assertProblem("there is no such mutant", listed(true, "gone", 1).problems(report(KILLED)));
    }

    @Test
    void oneThatIsListedTwice() {
        String twice = reviewed("set", 1) + ", " + reviewed("set", 1);
        assertThrows(
                IOException.class,
                () -> Survivors.read(stream(
                        "{\"groups\": [{\"id\": \"a\", \"kind\": \"OPEN\", \"reason\": \"b\", \"sometimes\": false, "
                                + "\"mutants\": [" + twice + "]}]}")));
    }

    @Test
    void countsByPackage() throws IOException {
        assertEquals(
                Map.of("acme", new Score(4, 2, 1, 1, 0, 0)),
                Scores.byPackage(
                        report(KILLED, SURVIVED, NOT_COVERED, mutant("TIMED_OUT", "get", 1, "")),
                        listed(false, "set", 2)));
    }

    @Test
    void noReportDeclaresEntities() {
        String hostile = "<!DOCTYPE m [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><mutations>&e;</mutations>";
        assertThrows(IOException.class, () -> PitReport.read(stream(hostile)));
        assertThrows(IOException.class, () -> PitReport.read(stream("<mutations>")));
    }

    @Test
    void thePageHasTheList() throws IOException {
        assertTrue(
                Files.readString(Root.path("docs/mutation.md")).endsWith(MutationPage.list(Survivors.load())),
                "docs/mutation.md is old: see SurvivorsCheck");
    }
}
