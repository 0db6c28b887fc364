package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import java.util.List;
import java.util.Locale;

/** The words for people, the same in the terminal and in the report. */
public final class Wording {
    private Wording() {}

    /** {@return the verdict in words} */
    public static String of(Verdict verdict) {
        return verdict.name().replace('_', ' ');
    }

    /** {@return the verdict in words, with the rules that are waived} */
    public static String of(Verdict verdict, List<String> waived) {
        return of(verdict) + (waived.isEmpty() ? "" : " (waived: " + String.join(", ", waived) + ")");
    }

    /** {@return a status in words} */
    public static String of(Status status) {
        return switch (status) {
            case PASS -> "passed";
            case FAIL -> "failed";
            case ERROR -> "in error";
            case NOT_SUPPORTED -> "not supported";
            case WAIVED -> "waived";
            case NOT_RUN -> "not run";
        };
    }

    /** {@return what a tier means} */
    public static String ofTier(String tier) {
        return switch (tier.toLowerCase(Locale.ROOT)) {
            case "memory" -> "no device was involved";
            case "simulated" -> "simulated kernel; no hardware was tested";
            case "kernel" -> "a running Linux kernel with a mock device";
            default -> "a real device";
        };
    }
}
