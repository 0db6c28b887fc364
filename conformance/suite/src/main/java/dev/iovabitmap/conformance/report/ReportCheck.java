package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.spi.Feature;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code report.schema.json} demands beyond names and types, and a little more: no validator is in the product. */
final class ReportCheck {
    private static final List<String> LOCATIONS = List.of("jar", "directory", "unknown");
    private static final Pattern PROVIDER = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern TRANSPORT = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern VARIANT = Pattern.compile("[!-~]{1,80}");
    private static final Set<String> FEATURES =
            Arrays.stream(Feature.values()).map(Enum::name).collect(Collectors.toSet());
    private static final Set<String> TIERS =
            Arrays.stream(Tier.values()).map(Tier::toString).collect(Collectors.toSet());

    private ReportCheck() {}

    /**
     * Checks a report field by field.
     *
     * @throws IllegalArgumentException with one sentence that names the field
     */
    static void check(Report report) {
        require(report.schema().equals(Report.SCHEMA), "schema", report.schema());
        require(
                !report.suite().version().isEmpty(),
                "suite.version",
                report.suite().version());
        sha256("suite.sha256", report.suite().sha256());
        require(report.spec().matches("[0-9]+\\.[0-9]+"), "spec", report.spec());
        check(report.subject());
        require(TIERS.contains(report.tier()), "tier", report.tier());
        device(report);
        List<String> features = report.features();
        require(
                FEATURES.containsAll(features)
                        && List.copyOf(new TreeSet<>(features)).equals(features),
                "features",
                features.toString());
        require(
                report.seed().signum() >= 0 && report.seed().bitLength() <= Long.SIZE,
                "seed",
                report.seed().toString());
        date(report.date());
        require(
                report.environment().processors() >= 1,
                "environment.processors",
                String.valueOf(report.environment().processors()));
        report.problems().forEach(problem -> require(!problem.isEmpty(), "problems", problem));
        report.waivers().forEach(Waiver::check);
        for (Report.RuleEntry rule : report.rules()) {
            message(rule.id(), rule.status(), rule.message());
        }
        for (Report.TestEntry test : report.tests()) {
            require(test.status() != Status.WAIVED, "test " + test.id(), "WAIVED");
            message(test.id(), test.status(), test.message());
        }
        List<String> attachments = report.attachments();
        require(
                ReportDirectory.ATTACHMENTS.containsAll(attachments)
                        && Set.copyOf(attachments).size() == attachments.size(),
                "attachments",
                attachments.toString());
    }

    /**
     * Checks that no text of a report steers a terminal or turns the direction of writing. The suite writes none that does.
     *
     * @throws IllegalArgumentException with one sentence that shows the text
     */
    static void checkPrintable(JsonNode node) {
        if (node.isTextual()) {
            require(Printable.is(node.textValue()), "text", node.textValue());
        }
        node.forEach(ReportCheck::checkPrintable);
    }

    /** What a certificate with a device rests on is in it, or why there is none. */
    private static void device(Report report) {
        String transport = report.transport();
        require(transport == null || TRANSPORT.matcher(transport).matches(), "transport", String.valueOf(transport));
        List<String> variants = report.variants();
        require(
                variants.stream().allMatch(variant -> VARIANT.matcher(variant).matches())
                        && Set.copyOf(variants).size() == variants.size(),
                "variants",
                variants.toString());
        boolean none = transport == null && variants.isEmpty();
        require(none || !report.tier().equals(Tier.MEMORY.toString()), "tier", report.tier());
        sha256("simulated", report.simulated());
        boolean needed = Tier.valueOf(report.tier().toUpperCase(Locale.ROOT)).needsSimulated();
        boolean right =
                report.simulated() == null ? !needed || !report.problems().isEmpty() : needed;
        require(right, "simulated", String.valueOf(report.simulated()));
    }

    private static void check(Report.Subject subject) {
        require(PROVIDER.matcher(subject.provider()).matches(), "subject.provider", subject.provider());
        sha256("subject.sha256", subject.sha256());
        require(!subject.className().isEmpty(), "subject.class", subject.className());
        require(LOCATIONS.contains(subject.location()), "subject.location", subject.location());
        boolean jar = subject.location().equals("jar");
        require(jar == (subject.sha256() != null) && jar == (subject.file() != null), "subject", subject.toString());
    }

    private static void message(String id, Status status, @Nullable String message) {
        boolean right = status == Status.PASS ? message == null : message != null && !message.isEmpty();
        require(right, "the message of " + id, String.valueOf(message));
    }

    private static void sha256(String field, @Nullable String value) {
        require(value == null || value.matches("[0-9a-f]{64}"), field, String.valueOf(value));
    }

    private static void date(String value) {
        try {
            require(LocalDate.parse(value).toString().equals(value), "date", value);
        } catch (DateTimeParseException wrong) {
            throw new IllegalArgumentException("its date '" + value + "' is none", wrong);
        }
    }

    private static void require(boolean right, String field, String value) {
        if (!right) {
            String shown = value.length() <= 100 ? value : value.substring(0, 100) + "...";
            throw new IllegalArgumentException("its " + field + " cannot be '" + Printable.of(shown) + "'");
        }
    }
}
