package dev.iovabitmap.spi;

import java.util.Objects;

/** Whether a provider can work on this machine, and if not, why not. */
public final class Availability {
    /** The provider works here. */
    public static final Availability AVAILABLE = new Availability(true, "");

    private final boolean available;
    private final String reason;

    private Availability(boolean available, String reason) {
        this.available = available;
        this.reason = reason;
    }

    /**
     * Says that a provider cannot work here.
     *
     * @param reason one sentence why
     * @return the answer
     * @throws IllegalArgumentException if the reason is blank
     */
    public static Availability unavailable(String reason) {
        if (Objects.requireNonNull(reason, "reason").isBlank()) {
            throw new IllegalArgumentException("reason is blank: say in one sentence why");
        }
        return new Availability(false, reason);
    }

    /** {@return whether the provider works here} */
    public boolean isAvailable() {
        return available;
    }

    /** {@return why not, in one sentence; empty if available} */
    public String reason() {
        return reason;
    }

    @Override
    public String toString() {
        return available ? "available" : "unavailable: " + reason;
    }
}
