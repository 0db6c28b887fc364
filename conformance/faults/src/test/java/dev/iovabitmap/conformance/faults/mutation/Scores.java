package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.faults.mutation.Mutant.Outcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How many mutants the tests noticed, by package. */
final class Scores {
    /**
     * Mutants of a package.
     *
     * @param mutants how many
     * @param noticed how many of them a test noticed, by failing, by not ending or by running out of memory
     * @param timedOut how many of those by not ending
     * @param listed how many of the others are in the list of survivors
     */
    record Score(long mutants, long noticed, long timedOut, long listed) {
        /** {@return the score over all of them, equivalent ones too} */
        double raw() {
            return 100.0 * noticed / mutants;
        }

        /** {@return the score without those that are listed} */
        double ofTheRest() {
            return 100.0 * noticed / (mutants - listed);
        }

        private static Score of(List<Mutant> mutants, Survivors survivors) {
            return new Score(
                    mutants.size(),
                    mutants.stream().filter(Mutant::isNoticed).count(),
                    mutants.stream()
                            .filter(mutant -> mutant.outcome() == Outcome.TIMED_OUT)
                            .count(),
                    mutants.stream()
                            .filter(mutant -> !mutant.isNoticed() && survivors.lists(mutant.key()))
                            .count());
        }
    }

    private Scores() {}

    /** {@return the score of each package, by name} */
    static Map<String, Score> byPackage(List<Mutant> mutants, Survivors survivors) {
        return mutants.stream()
                .collect(Collectors.groupingBy(
                        mutant -> packageOf(mutant.key().type()),
                        TreeMap::new,
                        Collectors.collectingAndThen(Collectors.toList(), some -> Score.of(some, survivors))));
    }

    /** {@return the score of all} */
    static Score of(List<Mutant> mutants, Survivors survivors) {
        return Score.of(mutants, survivors);
    }

    private static String packageOf(String type) {
        return type.substring(0, type.lastIndexOf('.'));
    }
}
