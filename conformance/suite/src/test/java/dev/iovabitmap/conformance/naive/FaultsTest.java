package dev.iovabitmap.conformance.naive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.spi.Feature;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tests can fail, and for each fault a test of the right rule does. */
class FaultsTest {
    static List<Faults.Fault> faults() {
        return Faults.all();
    }

    static List<ModelFaults.Fault> deviceFaults() {
        return ModelFaults.all();
    }

    static List<LibraryFaults.Fault> libraryFaults() {
        return LibraryFaults.all();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultyProviderFailsATestOfItsRule(Faults.Fault fault) {
        Failures run = Failures.of(testsOf(fault.rule(), fault.features()), fault.provider(), 1);
        assertFalse(run.failures().isEmpty(), "no test of " + fault.rule() + " noticed");
        if (Processors.several()) { // otherwise races are not judged, and the tests that look for them say so
            assertFalse(
                    run.failures().values().stream().allMatch(InternalError.class::isInstance), "nothing was judged");
        }
    }

    @ParameterizedTest
    @MethodSource("deviceFaults")
    void aFaultyDeviceFailsATestOfItsRule(ModelFaults.Fault fault) {
        List<TestCase> tests = testsOf(fault.rule(), ModelProvider.FEATURES);
        Failures run = Failures.of(tests, fault.provider(), 1, ModelProviderTest.SIMULATED);
        assertTrue(
                run.failures().values().stream().anyMatch(AssertionError.class::isInstance),
                () -> "no test of " + fault.rule() + " noticed: " + run.failures());
    }

    @ParameterizedTest
    @MethodSource("libraryFaults")
    void aFaultyLibraryFailsATestOfItsRule(LibraryFaults.Fault fault) {
        Library.use(fault.library());
        try {
            Failures run = Failures.of(testsOf(fault.rule(), Set.of()), new NaiveProvider(Set.of()), 1);
            assertFalse(run.failures().isEmpty(), "no test of " + fault.rule() + " noticed");
        } finally {
            Library.use(Library.REAL);
        }
    }

    @Test
    void everyRuleHasAFault() {
        Set<String> withFault = Stream.of(
                        Faults.all().stream().map(Faults.Fault::rule),
                        ModelFaults.all().stream().map(ModelFaults.Fault::rule),
                        LibraryFaults.all().stream().map(LibraryFaults.Fault::rule))
                .flatMap(rules -> rules)
                .collect(Collectors.toSet());
        List<String> without = RuleCatalogue.load().rules().stream()
                .filter(rule -> rule.scope() != Scope.DOCUMENT)
                .map(Rule::id)
                .filter(id -> !withFault.contains(id))
                .toList();
        assertEquals(List.of(), without);
    }

    @Test
    void aFailureShowsInputsAndWords() {
        Map<String, String> messages = messages("B2: the pages are the length divided");
        String message = messages.get("SetTest.marksThePagesOfUnalignedRanges[1]");
        assertEquals("""
                bit 1 is 0, not 1
                bitmap: iova 0x0, length 0x100000, page size 0x1000, 256 bits, data at offset 0 of a page
                operations: set(0x800, 0x1000)
                word 0, bit 1 of the word:
                  expected 0x000000000000000[3]
                  actual   0x000000000000000[1]""", message);
    }

    @Test
    void theSameSeedGivesTheSameMessages() {
        for (String fault : List.of("B2: the pages are the length divided", "addresses are compared signed")) {
            Map<String, String> first = messages(fault);
            assertEquals(first, messages(fault));
            assertTrue(first.size() > 1, () -> "few failures: " + first);
        }
    }

    private static Map<String, String> messages(String name) {
        Faults.Fault fault = Faults.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        Failures run = Failures.of(testsOf(fault.rule(), fault.features()), fault.provider(), 7);
        Map<String, String> messages = new TreeMap<>();
        run.failures().forEach((test, failure) -> messages.put(test, String.valueOf(failure.getMessage())));
        return messages;
    }

    private static List<TestCase> testsOf(String rule, Set<Feature> features) {
        return TestCatalogue.all().stream()
                .filter(test -> test.rules().contains(rule) && test.appliesTo(features))
                .toList();
    }
}
