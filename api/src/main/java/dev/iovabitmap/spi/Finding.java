package dev.iovabitmap.spi;

import java.util.Objects;

/**
 * One thing that a provider looked at on this host, for a person who wants to know why a run on a device is possible here or
 * not.
 *
 * @param name what was looked at, in a few words, such as {@code iommu}
 * @param status whether it is as it should be
 * @param meaning what was found and what follows from it, in one line
 * @param mend the command that mends it, to be run as root where it says nothing else; empty if nothing has to be mended or
 *     no command does it
 */
public record Finding(String name, Status status, String meaning, String mend) {
    /** Whether something is as it should be. */
    public enum Status {
        /** It is. */
        OK,
        /** It is not, and no run on a device is possible here without it. */
        MISSING,
        /** It is not; a run is possible all the same, with less to it or less safely. */
        LIMITED,
        /** It cannot be told from here. */
        UNKNOWN
    }

    /**
     * Creates a finding.
     *
     * @throws IllegalArgumentException if the name or the meaning is blank
     */
    public Finding {
        if (name.isBlank() || meaning.isBlank()) {
            throw new IllegalArgumentException("name '" + name + "' or meaning '" + meaning + "' is blank");
        }
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(mend, "mend");
    }

    /**
     * Says that something is as it should be.
     *
     * @param name what was looked at
     * @param meaning what was found
     * @return the finding
     */
    public static Finding ok(String name, String meaning) {
        return new Finding(name, Status.OK, meaning, "");
    }

    /**
     * Says that something has to be mended before a run.
     *
     * @param name what was looked at
     * @param meaning what was found, and what follows
     * @param mend the command
     * @return the finding
     */
    public static Finding missing(String name, String meaning, String mend) {
        return new Finding(name, Status.MISSING, meaning, mend);
    }

    /**
     * Says that something could be better, and hinders no run.
     *
     * @param name what was looked at
     * @param meaning what was found, and what follows
     * @param mend the command
     * @return the finding
     */
    public static Finding limited(String name, String meaning, String mend) {
        return new Finding(name, Status.LIMITED, meaning, mend);
    }

    /**
     * Says that something cannot be told from here.
     *
     * @param name what was looked at
     * @param meaning why it cannot be told
     * @return the finding
     */
    public static Finding unknown(String name, String meaning) {
        return new Finding(name, Status.UNKNOWN, meaning, "");
    }
}
