package dev.iovabitmap.conformance.waiver;

import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A file of waivers. {@code waivers.schema.json} describes it. */
public final class Waivers {
    private static final String SCHEMA = "https://iovabitmap.dev/schema/waivers-1.json";
    /** The property that sets the day. */
    public static final String TODAY = "iova-bitmap.today";

    private static final int LARGEST = 1 << 20;
    /** Whoever needs more waivers than that has another specification in mind. */
    private static final int MOST = 8;

    private record Document(String schema, List<Waiver> waivers) {}

    private Waivers() {}

    /**
     * Returns the day on which waivers are judged: today in UTC, or the one that a property names, so that a run can be repeated
     * as of the day that its report states.
     *
     * @throws IllegalArgumentException with one sentence if the property is no date
     */
    public static LocalDate today() {
        String day = System.getProperty(TODAY, "");
        try {
            return day.isEmpty() ? LocalDate.now(ZoneOffset.UTC) : LocalDate.parse(day);
        } catch (DateTimeParseException wrong) {
            throw new IllegalArgumentException(
                    "the property " + TODAY + " '" + day + "' is no date such as 2026-12-31", wrong);
        }
    }

    /**
     * Reads a file of which every waiver can be granted.
     *
     * @param file the file
     * @param catalogue the rules
     * @param day the day on which they have to hold
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException with one sentence that names the waiver and what is wrong with it
     */
    public static List<Waiver> read(Path file, RuleCatalogue catalogue, LocalDate day) throws IOException {
        Document document = Json.read(BoundedFile.read(file, LARGEST), Document.class);
        if (!document.schema().equals(SCHEMA)) {
            throw new IllegalArgumentException("its schema '" + document.schema() + "' is not " + SCHEMA);
        }
        List<Waiver> seen = new ArrayList<>();
        for (Waiver waiver : document.waivers()) {
            try {
                check(waiver, catalogue, day);
                for (Waiver other : seen) {
                    if (other.rule().equals(waiver.rule()) && other.subject().equals(waiver.subject())) {
                        throw new IllegalArgumentException("it is there twice");
                    }
                }
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(
                        "waiver " + (seen.size() + 1) + " (rule '" + waiver.rule() + "', provider '"
                                + waiver.subject().provider() + "'): " + wrong.getMessage(),
                        wrong);
            }
            seen.add(waiver);
        }
        checkNumber(seen);
        return List.copyOf(seen);
    }

    /**
     * Checks that no provider has more waivers than a handful.
     *
     * @throws IllegalArgumentException with one sentence that names it
     */
    public static void checkNumber(List<Waiver> waivers) {
        waivers.stream()
                .collect(Collectors.groupingBy(waiver -> waiver.subject().provider(), Collectors.counting()))
                .forEach((provider, count) -> {
                    if (count > MOST) {
                        throw new IllegalArgumentException(
                                count + " waivers for provider '" + provider + "' are over-broad: it can have " + MOST);
                    }
                });
    }

    /**
     * Checks a waiver.
     *
     * @throws IllegalArgumentException with one sentence why it cannot be granted
     */
    public static void check(Waiver waiver, RuleCatalogue catalogue, LocalDate day) {
        waiver.check();
        Rule rule = catalogue.rule(waiver.rule());
        if (rule.scope() != Rule.Scope.SUBJECT) {
            throw new IllegalArgumentException("its rule '" + waiver.rule() + "' is part of no certificate");
        }
        waiver.checkOn(day);
    }
}
