package dev.iovabitmap.conformance.faults.mutation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.faults.Root;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds what PIT just found against the list of survivors. Only the profile {@code nightly} runs this, after PIT;
 * {@code -Dmutation.write=true} writes {@code docs/mutation.md}.
 */
class SurvivorsCheck {
    /** The lowest score of each part in percent, over the mutants that a test of the suite can notice. */
    static final int FLOOR = 90;

    private static final List<Mutant> MUTANTS = new ArrayList<>();
    private static Survivors survivors = new Survivors(List.of());

    @BeforeAll
    static void read() throws IOException {
        for (String part : List.of("memory", "shared", "vfio")) {
            try (InputStream xml = Files.newInputStream(Path.of("target/pit-reports", part, "mutations.xml"))) {
                MUTANTS.addAll(PitReport.read(xml));
            }
        }
        survivors = Survivors.load();
        if (Boolean.getBoolean("mutation.write")) {
            Files.writeString(Root.path("docs/mutation.md"), MutationPage.of(LocalDate.now(), MUTANTS, survivors));
        }
    }

    @Test
    void everySurvivorIsListedAndEveryListedOneSurvives() {
        List<String> problems = survivors.problems(MUTANTS);
        assertTrue(problems.isEmpty(), () -> String.join("\n", problems));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.iovabitmap(\\.spi|\\.words)?",
                "dev.iovabitmap.heap",
                "dev.iovabitmap.ffm",
                "dev.iovabitmap.vfio(\\.[a-z]+)?"
            })
    void theScoreIsHighEnough(String packages) {
        List<Mutant> some = MUTANTS.stream()
                .filter(mutant -> mutant.key().type().matches(packages + "\\.[^.]+"))
                .toList();
        double score = Scores.of(some, survivors).inReach();
        assertTrue(score >= FLOOR, () -> "score of " + packages + ": " + score);
    }
}
