package dev.iovabitmap.vfio.session;

import org.jspecify.annotations.Nullable;

// Guarded, as everything here, by the lock of the open files that it is remembered of.

/** A kernel object that tracks, whoever holds descriptors of it: which session tracks with it, and what it owes. */
public abstract sealed class Entry permits Device, Space {
    private final String name;

    /** The session that has started its tracking. No second one may start or stop it. */
    @Nullable
    Session session;

    /** What a session lost that the next one has to hand over. */
    final RangeSet owed = new RangeSet();

    private boolean adopted;

    Entry(String name) {
        this.name = name;
    }

    /** Takes note that somebody else holds this as well, and may change it. */
    public void adopt() {
        adopted = true;
    }

    /** {@return whether somebody else may change this} */
    public boolean isAdopted() {
        return adopted;
    }

    /** {@return what tracks, in one word} */
    public abstract String kind();

    void claim(Session by) {
        if (session != null) {
            throw new IllegalStateException(name + " is tracked by a session that is open");
        }
        session = by;
    }

    @Override
    public final String toString() {
        return name;
    }
}
