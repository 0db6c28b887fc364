package dev.iovabitmap.vfio.session;

import org.jspecify.annotations.Nullable;

/** What is remembered of a source of dirt beyond one session: who tracks with it, and whether it owes everything. */
public final class SourceState {
    private final String name;
    private @Nullable Session session;
    private boolean owesAll;

    /**
     * Creates the state of a source that nobody tracks with.
     *
     * @param name as a person reads it
     */
    public SourceState(String name) {
        this.name = name;
    }

    /** Reserves the source, so that no second session's start or stop ends the first one's tracking. */
    synchronized void claim(Session by) {
        if (session != null) {
            throw new IllegalStateException(name + " is tracked by a session that is open");
        }
        session = by;
    }

    synchronized void release() {
        session = null;
    }

    /** {@return the session that tracks with the source, if one does} */
    public synchronized @Nullable Session session() {
        return session;
    }

    /** {@return whether a session lost dirt of this source, so that the next one has to hand over every page} */
    synchronized boolean owesAll() {
        return owesAll;
    }

    synchronized void owesAll(boolean owes) {
        owesAll = owes;
    }

    /**
     * Checks that what the source is made of may be closed.
     *
     * @throws IllegalStateException if a session tracks with it
     */
    public synchronized void requireIdle() {
        if (session != null) {
            throw new IllegalStateException(name + " is tracked by a session that is open: close that first");
        }
    }
}
