package dev.iovabitmap.conformance.rules;

import java.util.Locale;

/** What stood behind the provider when it was tested. */
public enum Tier {
    /** No device. */
    MEMORY,
    /** A simulated kernel in the same process. */
    SIMULATED,
    /** A running Linux kernel with a mock device. */
    KERNEL,
    /** A real device. */
    HARDWARE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
