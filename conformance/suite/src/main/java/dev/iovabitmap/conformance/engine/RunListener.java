package dev.iovabitmap.conformance.engine;

import org.jspecify.annotations.Nullable;

/** Hears what a run does, in the order it does it. */
public interface RunListener {
    /** A test method, or one invocation of a parameterised one ({@code SetTest.cases[3]}), begins. */
    void started(String testId);

    /** It ended; {@code failure} is null if it passed. */
    void finished(String testId, @Nullable Throwable failure);

    /** The engines could not find or run something; the run is worth nothing. */
    void broken(String what, @Nullable Throwable cause);
}
