package dev.iovabitmap.conformance.faults.mutation;

import org.jspecify.annotations.Nullable;

/**
 * A bug that PIT put into the code, and what became of it.
 *
 * @param key where it is
 * @param line of the source
 * @param outcome what became of it, in PIT's words
 * @param killer the test that noticed, or null
 */
record Mutant(Key key, int line, Outcome outcome, @Nullable String killer) {
    /**
     * Where a mutant is, without line numbers, which shift with each edit.
     *
     * @param type the binary name of the class
     * @param method name and descriptor; of a lambda without its number, which shifts as well
     * @param change what the mutator did
     * @param occurrence the how many-th mutant this is of those that agree in the rest, from 1
     */
    record Key(String type, String method, String change, int occurrence) {
        @Override
        public String toString() {
            return type + " " + method + ", " + change + ", no. " + occurrence;
        }
    }

    /** PIT's words for what can become of a mutant. */
    enum Outcome {
        KILLED(true),
        TIMED_OUT(true),
        MEMORY_ERROR(true),
        RUN_ERROR(true),
        NON_VIABLE(true),
        SURVIVED(false),
        NO_COVERAGE(false);

        private final boolean noticed;

        Outcome(boolean noticed) {
            this.noticed = noticed;
        }
    }

    boolean isNoticed() {
        return outcome.noticed;
    }
}
