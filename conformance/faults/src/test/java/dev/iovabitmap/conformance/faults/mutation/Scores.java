package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.faults.mutation.Mutant.Outcome;
import dev.iovabitmap.conformance.faults.mutation.Survivors.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
     * @param equivalent how many of the others do the same as the program
     * @param outOfReach how many of the others no test of the suite can see
     * @param open how many of the others are waiting for a test
     */
    record Score(long mutants, long noticed, long timedOut, long equivalent, long outOfReach, long open) {
        /** {@return the score over all of them, in percent} */
        double raw() {
            return 100.0 * noticed / mutants;
        }

        /** {@return the score over those that a test of the suite can notice, in percent} */
        double inReach() {
            return 100.0 * noticed / (mutants - equivalent - outOfReach);
        }

        private static Score of(List<Mutant> mutants, Survivors survivors) {
            return new Score(
                    mutants.size(),
                    mutants.stream().filter(survivors::isNoticed).count(),
                    mutants.stream()
                            .filter(mutant -> mutant.outcome() == Outcome.TIMED_OUT && survivors.isNoticed(mutant))
                            .count(),
                    count(mutants, survivors, Kind.EQUIVALENT),
                    count(mutants, survivors, Kind.OUT_OF_REACH),
                    count(mutants, survivors, Kind.OPEN));
        }

        private static long count(List<Mutant> mutants, Survivors survivors, Kind kind) {
            return mutants.stream()
                    .filter(mutant -> !survivors.isNoticed(mutant)
                            && survivors.kindOf(mutant.key()).equals(Optional.of(kind)))
                    .count();
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
