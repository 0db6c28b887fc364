package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.faults.mutation.Scores.Score;
import dev.iovabitmap.conformance.faults.mutation.Survivors.Group;
import dev.iovabitmap.conformance.faults.mutation.Survivors.Reviewed;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/** Renders a run and the list of survivors as {@code docs/mutation.md}. */
final class MutationPage {
    private MutationPage() {}

    static String of(LocalDate date, List<Mutant> mutants, Survivors survivors) {
        StringBuilder page = new StringBuilder("""
                # Mutation testing

                PIT puts a bug into each place of the code in turn, a mutant, and the tests have to notice. Here the tests are those
                of the conformance suite, what a vendor's backend is certified by: the four providers in memory judge the api and
                themselves, and the tests of group HW on the simulated kernel, with each version of it and each misbehaviour of the newest,
                and on devices that are adopted, that nothing can track, or whose sessions start and stop in trouble, judge sessions and
                transports. A mutant that survives is a hole in the suite, or looked at and listed below.

                Run on %s, with PIT's default mutators. The command for all of it:

                    JAVA_HOME=/path/to/jdk-25 mvn -Pnightly -pl conformance/faults -am test -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false

                It fails if a mutant survives that is not listed, if one is listed that does not survive any more, and if a part has
                a score below %d %% over the mutants that a test of the suite can notice.

                ## Score

                Raw is over all mutants. "Timed out" are those that hang and are noticed by that. Of those that nobody noticed, the
                equivalent do the same as the program; those out of reach do not, but a suite that has a provider and a harness can
                neither bring it about nor see it; for the open ones a test could be written. "In reach" is the score without the
                equivalent and those out of reach.

                | package | mutants | noticed | of these timed out | equivalent | out of reach | open | not listed | raw | in reach |
                |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
                """.formatted(date, SurvivorsCheck.FLOOR));
        Scores.byPackage(mutants, survivors).forEach((name, score) -> row(page, "`" + name + "`", score));
        row(page, "all", Scores.of(mutants, survivors));
        page.append(list(survivors));
        return page.toString();
    }

    private static void row(StringBuilder page, String name, Score score) {
        page.append(String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d | %d | %d | %d | %.1f %% | %.1f %% |\n",
                name,
                score.mutants(),
                score.noticed(),
                score.timedOut(),
                score.equivalent(),
                score.outOfReach(),
                score.open(),
                score.mutants() - score.noticed() - score.equivalent() - score.outOfReach() - score.open(),
                score.raw(),
                score.inReach()));
    }

    /** {@return the part of the page that follows from the list alone} */
    static String list(Survivors survivors) {
        StringBuilder page = new StringBuilder("""

                ## Survivors

                Each was looked at. The list that the run is held against is `survivors.json` among the test resources of
                `conformance/faults`; this is what it says.
                """);
        for (Group group : survivors.groups()) {
            page.append("\n### ").append(group.id()).append("\n\n");
            page.append(
                            switch (group.kind()) {
                                case EQUIVALENT -> "Equivalent. ";
                                case OUT_OF_REACH -> "Out of the suite's reach. ";
                                case OPEN -> "Open: a test could notice. ";
                            })
                    .append(group.reason());
            if (group.sometimes()) {
                page.append(" Threads or the clock decide whether a run notices them.");
            }
            page.append("\n\n| where | mutation | in the line |\n|---|---|---|\n");
            for (Reviewed mutant : group.mutants()) {
                page.append("| `%s.%s` | %s%s | `%s` |\n"
                        .formatted(
                                simpleName(mutant.type()),
                                mutant.method().replaceAll("\\(.*", ""),
                                mutant.change(),
                                mutant.occurrence() == 1 ? "" : ", no. " + mutant.occurrence(),
                                mutant.at().replace("|", "\\|")));
            }
        }
        return page.toString();
    }

    private static String simpleName(String type) {
        return type.substring(type.lastIndexOf('.') + 1).replace('$', '.');
    }
}
