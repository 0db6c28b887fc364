package dev.iovabitmap.conformance.faults.mutation;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.faults.mutation.Mutant.Key;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The mutants that no test notices and that somebody has looked at, in groups with the same reason.
 *
 * @param groups the groups
 */
record Survivors(List<Group> groups) {
    /**
     * Mutants that survive for one reason.
     *
     * @param id a short name
     * @param kind what sort of reason it is
     * @param reason why they survive
     * @param sometimes whether a run may notice them after all, as threads or the clock have it
     * @param mutants the mutants
     */
    record Group(String id, Kind kind, String reason, boolean sometimes, List<Reviewed> mutants) {}

    /** Why mutants are listed. */
    enum Kind {
        /** The mutated program does the same. */
        EQUIVALENT,
        /** It does not, but no test of the suite can bring that about or see it, which has a provider and a harness. */
        OUT_OF_REACH,
        /** A test of the suite could notice, and has yet to be written. */
        OPEN
    }

    /**
     * A mutant.
     *
     * @param at what the code that it changes is there for
     */
    record Reviewed(String type, String method, String change, int occurrence, String at) {
        Key key() {
            return new Key(type, method, change, occurrence);
        }
    }

    Survivors {
        Map<Key, Group> known = new LinkedHashMap<>();
        for (Group group : groups) {
            for (Reviewed mutant : group.mutants) {
                if (known.put(mutant.key(), group) != null) {
                    throw new IllegalArgumentException(mutant.key() + " is listed twice");
                }
            }
        }
    }

    static Survivors read(InputStream json) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .build();
        return mapper.readValue(json, Survivors.class);
    }

    /** {@return the list of this project} */
    static Survivors load() throws IOException {
        try (InputStream json = Objects.requireNonNull(Survivors.class.getResourceAsStream("survivors.json"))) {
            return read(json);
        }
    }

    /** {@return why a mutant is listed; empty if it is not} */
    Optional<Kind> kindOf(Key key) {
        return groups.stream()
                .filter(group ->
                        group.mutants.stream().anyMatch(mutant -> mutant.key().equals(key)))
                .map(Group::kind)
                .findFirst();
    }

    /** {@return whether a test noticed a mutant} One that is listed and timed out is taken for slow, as on a loaded machine. */
    boolean isNoticed(Mutant mutant) {
        boolean slow = mutant.outcome() == Mutant.Outcome.TIMED_OUT
                && kindOf(mutant.key()).isPresent();
        return mutant.isNoticed() && !slow;
    }

    /**
     * Holds a run against the list.
     *
     * @param mutants all mutants of the run
     * @return what does not agree, a sentence each; empty if all does
     */
    List<String> problems(List<Mutant> mutants) {
        Map<Key, Mutant> run = new LinkedHashMap<>();
        mutants.forEach(mutant -> run.put(mutant.key(), mutant));
        List<String> problems = new ArrayList<>();
        for (Mutant mutant : mutants) {
            if (!mutant.isNoticed() && kindOf(mutant.key()).isEmpty()) {
                problems.add("no test notices, and it is not listed: " + mutant.key() + " (line " + mutant.line() + ", "
                        + mutant.outcome() + ")");
            }
        }
        for (Group group : groups) {
            for (Reviewed reviewed : group.mutants) {
                Mutant mutant = run.get(reviewed.key());
                if (mutant == null) {
                    problems.add("listed under '" + group.id + "', but there is no such mutant: " + reviewed.key());
                } else if (isNoticed(mutant) && !group.sometimes) {
                    problems.add("listed under '" + group.id + "', but a test notices it: " + reviewed.key() + " ("
                            + mutant.killer() + ")");
                }
            }
        }
        return problems;
    }
}
