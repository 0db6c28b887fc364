package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.RuleVerdict;
import dev.iovabitmap.conformance.report.TestVerdict;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.spi.Feature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** From what was heard to a verdict; the run is made up. */
class JudgementTest {
    private static final Order ORDER = Order.certify(Tier.MEMORY, 42);
    private static final Set<Feature> NONE = Set.of();
    private static final List<TestCase> PLANNED =
            Plan.of(RuleCatalogue.load(), ORDER, NONE).tests();

    private final RunRecord record = new RunRecord();

    private void describe() {
        record.add(new Event.Named("x"));
        record.add(new Event.Described(new Description("x", "1", "X", null, NONE, null)));
    }

    private void play(String test, Status status) {
        record.add(new Event.Started(test));
        record.add(new Event.Finished(test, status, status == Status.PASS ? "" : "because"));
    }

    private void playAllPassing() {
        describe();
        PLANNED.forEach(test -> play(test.id(), Status.PASS));
    }

    private Judgement judge() {
        return Judgement.of(RuleCatalogue.load(), ORDER, record, token -> "again " + token);
    }

    @Test
    void allPassedIsCertified() {
        playAllPassing();
        record.add(new Event.Done());
        Judgement judgement = judge();
        assertEquals(Verdict.CERTIFIED, judgement.verdict());
        assertTrue(judgement.count(Status.NOT_SUPPORTED) > 0, "a rule that needs a feature");
        assertEquals(judgement.rules().size(), judgement.count(Status.PASS) + judgement.count(Status.NOT_SUPPORTED));
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL", "ERROR"})
    void oneTestThatDoesNotPassCountsForEachOfItsRules(Status status) {
        describe();
        TestCase wrong = PLANNED.stream()
                .filter(test -> test.rules().size() > 1)
                .findFirst()
                .orElseThrow();
        PLANNED.forEach(test -> play(test.id(), test == wrong ? status : Status.PASS));
        record.add(new Event.Done());
        Judgement judgement = judge();
        assertEquals(Verdict.NOT_CERTIFIED, judgement.verdict());
        List<String> hit = judgement.rules().stream()
                .filter(rule -> rule.status() == status)
                .map(rule -> rule.rule().id())
                .toList();
        assertTrue(hit.containsAll(wrong.rules()) || wrong.rules().containsAll(hit) && !hit.isEmpty(), hit::toString);
        String message = judgement.tests().stream()
                .filter(test -> test.status() == status)
                .map(TestVerdict::message)
                .findFirst()
                .orElseThrow();
        assertTrue(message.contains("because\nseed 42\nreplay: again " + wrong.id() + "@42"), message);
    }

    @Test
    void oneInvocationThatFailsFailsTheTest() {
        describe();
        TestCase wrong = PLANNED.get(0);
        PLANNED.stream().skip(1).forEach(test -> play(test.id(), Status.PASS));
        play(wrong.id() + "[1]", Status.PASS);
        play(wrong.id() + "[2]", Status.FAIL);
        play(wrong.id() + "[3]", Status.FAIL);
        record.add(new Event.Done());
        TestVerdict verdict = judge().tests().get(0);
        assertAll(
                () -> assertEquals(Status.FAIL, verdict.status()),
                () -> assertTrue(verdict.message().contains("again " + wrong.id() + "[2]@42"), verdict.message()),
                () -> assertTrue(verdict.message().contains(wrong.id() + "[3]"), verdict.message()));
    }

    private Judgement judgeDevice(Function<TestCase, Status> results) {
        Order order = Order.certify(Tier.SIMULATED, Map.of("transport", "log"), 42);
        Set<Feature> features = Set.of(Feature.HARDWARE);
        record.add(new Event.Named("x"));
        record.add(new Event.Described(new Description("x", "1", "X", null, features, null, List.of("odd"))));
        for (TestCase test : Plan.of(RuleCatalogue.load(), order, features).tests()) {
            play(test.id(), results.apply(test));
        }
        record.add(new Event.Done());
        return Judgement.of(RuleCatalogue.load(), order, record, token -> "again " + token);
    }

    @Test
    void whatAHarnessCannotDoIsNoPass() {
        Judgement judgement = judgeDevice(test -> test.rules().contains("HW-10") ? Status.NOT_SUPPORTED : Status.PASS);
        RuleVerdict rule = verdictOf(judgement, "HW-10");
        assertEquals(Status.NOT_SUPPORTED, rule.status());
        assertEquals("because", rule.message());
        assertEquals(Verdict.CERTIFIED, judgement.verdict());
    }

    @Test
    void aRuleOfWhichSomethingWasTriedPasses() {
        Judgement judgement =
                judgeDevice(test -> test.id().startsWith("ExactTest.") ? Status.NOT_SUPPORTED : Status.PASS);
        RuleVerdict rule = verdictOf(judgement, "HW-1");
        assertEquals(Status.PASS, rule.status());
        assertEquals("", rule.message());
        assertTrue(rule.tests().stream().anyMatch(test -> test.status() == Status.NOT_SUPPORTED));
    }

    @Test
    void whatCannotBeDoneHidesNoFailure() {
        Judgement judgement = judgeDevice(test -> test.id().startsWith("ExactTest.")
                ? Status.NOT_SUPPORTED
                : test.rules().contains("HW-1") ? Status.FAIL : Status.PASS);
        assertEquals(Status.FAIL, verdictOf(judgement, "HW-1").status());
        String message = verdictOf(judgement, "HW-1").message();
        assertTrue(message.contains("@42/simulated/log"), message);
        assertEquals(Verdict.NOT_CERTIFIED, judgement.verdict());
    }

    @Test
    void withoutADeviceNoTestOfOneIsPlanned() {
        Set<Feature> all = Set.of(Feature.values());
        assertTrue(Plan.of(RuleCatalogue.load(), ORDER, all).tests().stream()
                .noneMatch(test -> test.needs().contains(Feature.HARDWARE)));
        assertTrue(Plan.of(RuleCatalogue.load(), ORDER, all).rules().stream()
                .noneMatch(rule -> rule.group().equals("HW")));
    }

    private static RuleVerdict verdictOf(Judgement judgement, String id) {
        return judgement.rules().stream()
                .filter(rule -> rule.rule().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theRuleThatFailsMostComesFirst() {
        describe();
        TestCase elsewhere = PLANNED.stream()
                .filter(test -> test.rules().equals(List.of("ALLOC-3")))
                .findFirst()
                .orElseThrow();
        PLANNED.forEach(test ->
                play(test.id(), test == elsewhere || test.rules().contains("SET-1") ? Status.FAIL : Status.PASS));
        record.add(new Event.Done());
        Judgement judgement = judge();
        String first = judgement.failedRules().get(0);
        assertTrue(first.matches("SET-1 \\((\\d+) of \\1 tests\\)"), first);
        List<TestVerdict> failures = judgement.failures();
        assertTrue(failures.get(0).test().rules().contains("SET-1"), "though ALLOC-3 ran before");
        assertEquals(elsewhere, failures.get(failures.size() - 1).test());
    }

    @Test
    void plannedTestThatDidNotRunIsAnError() {
        describe();
        PLANNED.stream().skip(1).forEach(test -> play(test.id(), Status.PASS));
        record.add(new Event.Done());
        assertEquals(Verdict.NOT_CERTIFIED, judge().verdict());
        assertEquals(Status.ERROR, judge().tests().get(0).status());
    }

    @Test
    void runThatWasCutOffLeavesTheRestNotRun() {
        describe();
        play(PLANNED.get(0).id(), Status.PASS);
        record.add(new Event.Ended(0, false));
        assertEquals(Verdict.NOT_CERTIFIED, judge().verdict());
        assertEquals(Status.NOT_RUN, judge().tests().get(1).status());
        assertEquals(List.of(), judge().failedRules(), "what did not run is not suspect");
    }

    @Test
    void testThatWasNotPlannedIsAProblem() {
        playAllPassing();
        play("GhostTest.walks", Status.PASS);
        record.add(new Event.Done());
        assertEquals(Verdict.NOT_CERTIFIED, judge().verdict());
        assertEquals(List.of("GhostTest.walks ran, though it was not planned"), judge().problems());
    }

    @Test
    void brokenDiscoveryNeverCertifies() {
        playAllPassing();
        record.add(new Event.Broken("the engine tripped"));
        record.add(new Event.Done());
        assertEquals(Verdict.NOT_CERTIFIED, judge().verdict());
    }

    @Test
    void nothingHeardIsAnErrorOfEveryRule() {
        record.add(new Event.Named("x"));
        record.add(new Event.Faulty("features() returned null"));
        record.add(new Event.Done());
        List<RuleVerdict> rules = judge().rules();
        assertFalse(rules.isEmpty());
        rules.forEach(rule -> assertEquals(Status.ERROR, rule.status()));
        assertEquals(Verdict.NOT_CERTIFIED, judge().verdict());
    }

    /** The specification a version later, with ALLOC-1 as the rule that came with it. */
    private static RuleCatalogue withAlloc1Added(String spec) throws IOException {
        try (InputStream in = Objects.requireNonNull(RuleCatalogue.class.getResourceAsStream("rules.json"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("\"spec\": \"1.0\"", "\"spec\": \"" + spec + "\"")
                    .replaceFirst(
                            "\"added\": \\[]",
                            "\"added\": [{\"rule\": \"ALLOC-1\", \"since\": \"1.1\", \"mandatoryFrom\": \"1.3\"}]");
            return RuleCatalogue.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1.1, CERTIFIED", "1.2, CERTIFIED", "1.3, NOT_CERTIFIED", "1.10, NOT_CERTIFIED"})
    void aRuleMayFailInItsGracePeriod(String spec, Verdict verdict) throws IOException {
        RuleCatalogue catalogue = withAlloc1Added(spec);
        describe();
        PLANNED.forEach(test -> play(test.id(), test.rules().equals(List.of("ALLOC-1")) ? Status.FAIL : Status.PASS));
        record.add(new Event.Done());
        Judgement judgement = Judgement.of(catalogue, ORDER, record, token -> "again " + token);
        assertEquals(verdict, judgement.verdict());
        assertEquals(Status.FAIL, judgement.rules().get(0).status());
    }

    @Test
    void noRuleComesAfterTheSpecification() {
        assertThrows(IllegalStateException.class, () -> withAlloc1Added("1.0"));
    }
}
