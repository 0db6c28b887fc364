package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Level;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.Processors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault is failed by a test of its own rule, and every rule has a fault. The committed matrix and page are what came out;
 * {@code -Dfault-matrix.write=true} writes them.
 */
class MatrixTest {
    private static final long SEED = 1;
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();

    static List<Fault> faults() {
        return Faults.all();
    }

    @BeforeAll
    static void write() throws IOException {
        if (Boolean.getBoolean("fault-matrix.write")) {
            Matrix matrix = new Matrix(Faults.all().stream()
                    .map(fault -> Matrix.row(fault, trial(fault).caughtBy()))
                    .toList());
            Files.writeString(json(), matrix.toJson());
            Files.writeString(page(), MatrixPage.of(matrix, CATALOGUE));
        }
    }

    private static Trial trial(Fault fault) {
        return Trial.of(fault, Trial.tests(fault.features(), fault.rules()), SEED);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void isFailedByATestOfEachRuleThatItBreaks(Fault fault) throws IOException {
        Trial trial = trial(fault);
        List<String> survived = new ArrayList<>(fault.rules());
        survived.removeAll(trial.caughtBy());
        if (!Processors.several()) { // races are not judged there
            survived.removeIf("CONC-2"::equals);
        }
        assertEquals(List.of(), survived, () -> fault + " survives; what failed: " + trial.failures());
        if (Processors.several()) {
            List<String> committed = Matrix.parse(Files.readString(json())).faults().stream()
                    .filter(row -> row.id().equals(fault.id()))
                    .findFirst()
                    .orElseThrow()
                    .caughtBy();
            assertEquals(committed, trial.caughtBy(), "matrix.json is old: see the class comment");
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
    void theCommittedMatrixHasTheseFaults() throws IOException {
        Matrix committed = Matrix.parse(Files.readString(json()));
        assertEquals(
                Faults.all().stream().map(fault -> Matrix.row(fault, List.of())).toList(),
                committed.faults().stream()
                        .map(row -> new Matrix.Row(row.id(), row.wrong(), row.reEnacts(), row.rules(), List.of()))
                        .toList(),
                "matrix.json is old: run this test with -Dfault-matrix.write=true");
        for (Matrix.Row row : committed.faults()) {
            assertTrue(row.caughtBy().containsAll(row.rules()), row.id());
        }
        assertEquals(
                MatrixPage.of(committed, CATALOGUE),
                Files.readString(page()),
                "docs/fault-matrix.md is old: run this test with -Dfault-matrix.write=true");
    }

    private static Path json() {
        return Root.path("conformance/suite/src/main/resources/dev/iovabitmap/conformance/report/matrix.json");
    }

    private static Path page() {
        return Root.path("docs/fault-matrix.md");
    }
}
