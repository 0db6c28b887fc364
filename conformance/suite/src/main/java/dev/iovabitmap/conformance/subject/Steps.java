package dev.iovabitmap.conformance.subject;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what the suite does between calls of the subject. Two looks at a thread's stack cannot tell one long call from many
 * short ones; a step between them can.
 */
public final class Steps {
    private static final AtomicLong COUNT = new AtomicLong();

    private Steps() {}

    /** Counts a step. Threads may lose each other's: a fence here could hide the races that tests look for. */
    static void count() {
        COUNT.setOpaque(COUNT.getOpaque() + 1);
    }

    /** {@return a number that changes with each step} */
    public static long counted() {
        return COUNT.getOpaque();
    }
}
