package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.waiver.Waivers;
import java.time.LocalDate;

/** The day on which waivers are judged. */
final class Today {
    static final String PROPERTY = Waivers.TODAY;

    private Today() {}

    static LocalDate get() {
        try {
            return Waivers.today();
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(String.valueOf(wrong.getMessage()));
        }
    }
}
