package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Level;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.Processors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault is failed by a test of its own rule, and every rule has a fault. The committed matrix, which has all rules on each
 * fault, comes from {@link FullMatrixCheck}: here its cells of own rules are tried again, and that it is of these faults and rules.
 */
class MatrixTest {
    private static final String OLD = "run FullMatrixCheck as CONTRIBUTING.md says";
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();

    static List<Fault> faults() {
        return Faults.all();
    }

    private static Trial trial(Fault fault) {
        return Trial.of(fault, Trial.tests(fault.features(), fault.rules()), MatrixFiles.SEED);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void isFailedByATestOfEachRuleThatItBreaks(Fault fault) throws IOException {
        Trial trial = trial(fault);
        List<String> survived = new ArrayList<>(fault.rules());
        survived.removeAll(trial.caughtBy());
        if (!Processors.several()) { // races are not judged there
            survived.removeIf(List.of("CONC-2", "READ-7")::contains);
        }
        assertEquals(List.of(), survived, () -> fault + " survives; what failed: " + trial.failures());
        if (Processors.several()) {
            List<String> committed = MatrixFiles.read().faults().stream()
                    .filter(row -> row.id().equals(fault.id()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(fault.id() + " is not in matrix.json: " + OLD))
                    .caughtBy();
            List<String> missing = new ArrayList<>(trial.caughtBy());
            missing.removeAll(committed);
            assertEquals(List.of(), missing, () -> "matrix.json lacks rules that fail " + fault.id() + ": " + OLD);
        }
    }

    @Test
    void everyMustHasAFault() {
        Set<String> broken =
                Faults.all().stream().flatMap(fault -> fault.rules().stream()).collect(Collectors.toSet());
        List<String> without = CATALOGUE.rules().stream()
                .filter(rule -> rule.level() == Level.MUST && rule.scope() != Scope.DOCUMENT)
                .map(Rule::id)
                .filter(id -> !broken.contains(id))
                .toList();
        assertEquals(List.of(), without);
    }

    @Test
    void everyEntryOfTheHistoryHasAFault() {
        List<String> entries = Stream.concat(
                        IntStream.rangeClosed(1, 15).filter(i -> i != 5).mapToObj(i -> "B" + i),
                        IntStream.rangeClosed(1, 4).mapToObj(i -> "R" + i))
                .toList();
        Set<String> ids = Faults.all().stream().map(Fault::id).collect(Collectors.toSet());
        Set<String> ofSessions = Set.of("R1-session", "R2-session", "HW-2-windows", "HW-3-caller-memory", "HW-4-retry");
        assertTrue(ids.containsAll(ofSessions));
        for (String entry : entries) {
            assertTrue(
                    Faults.all().stream()
                            .anyMatch(fault -> fault.id().matches(entry + "(?!\\d).*")
                                    && fault.reEnacts().startsWith(entry)),
                    entry);
        }
    }

    @Test
    void idsAreUnique() {
        Set<String> ids = new HashSet<>();
        Faults.all().forEach(fault -> assertTrue(ids.add(fault.id()), fault.id()));
    }

    @Test
    void theCommittedMatrixIsOfTheseFaultsAndRules() throws IOException {
        Matrix committed = MatrixFiles.read();
        assertEquals(Matrix.tested(), committed.rules(), OLD);
        assertEquals(
                Faults.all().stream().map(Fault::id).toList(),
                committed.faults().stream().map(Matrix.Row::id).toList(),
                OLD);
        assertEquals(Long.toUnsignedString(MatrixFiles.SEED), committed.seed());
        for (int i = 0; i < committed.faults().size(); i++) {
            Matrix.Row row = committed.faults().get(i);
            assertEquals(row.of(Faults.all().get(i)), row, OLD);
            assertTrue(row.caughtBy().containsAll(row.rules()), row.id());
            assertTrue(committed.rules().containsAll(row.caughtBy()), row.id());
            assertTrue(Collections.disjoint(row.caughtBy(), row.notTried()), row.id());
        }
    }

    @Test
    void thePageIsOfTheCommittedMatrix() throws IOException {
        assertEquals(MatrixFiles.pageOf(MatrixFiles.read()), MatrixFiles.readPage(), OLD);
    }
}
