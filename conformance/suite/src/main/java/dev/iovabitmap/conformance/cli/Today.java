package dev.iovabitmap.conformance.cli;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** The day on which waivers are judged, in UTC. A run can be repeated as of the day that its report states. */
final class Today {
    static final String PROPERTY = "iova-bitmap.today";

    private Today() {}

    static LocalDate get() {
        String day = System.getProperty(PROPERTY, "");
        try {
            return day.isEmpty() ? LocalDate.now(ZoneOffset.UTC) : LocalDate.parse(day);
        } catch (DateTimeParseException wrong) {
            throw new UsageException("the property " + PROPERTY + " '" + day + "' is no date such as 2026-12-31");
        }
    }
}
