package dev.iovabitmap.conformance.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where the events of a run come from: a child JVM, or a thread of this one. */
interface RunSource {
    /** {@return the next event, or null if none came in time} */
    @Nullable
    Event next(Duration timeout) throws InterruptedException;

    /** Asks for an {@link Event.Looked}. */
    void askForLook();

    /** Asks for an {@link Event.Threads}. */
    void askForThreads();

    /** {@return the CPU time in nanoseconds of the process that runs the tests, as seen from outside} */
    long cpu();

    /** Ends the run, as far as that can be done. */
    void kill();
}
