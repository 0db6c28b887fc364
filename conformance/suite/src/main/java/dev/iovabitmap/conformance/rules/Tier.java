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

    /** {@return whether a certificate at this tier rests on one of the same jar with a simulated kernel} */
    public boolean needsSimulated() {
        return this == KERNEL || this == HARDWARE;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
