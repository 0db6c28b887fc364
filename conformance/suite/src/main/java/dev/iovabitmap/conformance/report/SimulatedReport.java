package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The report that a certificate at tier kernel or hardware rests on: of the same jar and transport, CERTIFIED with a simulated
 * kernel. A real device cannot be made to fail at any time, a simulated one can.
 *
 * @param sha256 the digest of its report.json, or null if there is none or none is needed
 * @param problem why there is none, in a sentence, or null
 */
public record SimulatedReport(
        @Nullable String sha256, @Nullable String problem) {
    private static final SimulatedReport NOT_NEEDED = new SimulatedReport(null, null);
    private static final int LARGEST = 16 << 20;

    /**
     * Looks for the report.
     *
     * @param directory where reports are, one directory for each subject, or the directory of the report itself
     * @param order what was run
     * @param description the provider that was run, or null if it did not say what it is
     */
    public static SimulatedReport of(
            Path directory, RuleCatalogue catalogue, Order order, @Nullable Description description) {
        if (!order.tier().needsSimulated() || description == null || description.unavailable() != null) {
            return NOT_NEEDED;
        }
        String needed = "a certificate at tier " + order.tier() + " needs a CERTIFIED report of the same jar at tier "
                + Tier.SIMULATED;
        try {
            String jar = Origin.at(description.location()).sha256();
            if (jar == null) {
                return missing(needed + ", but " + description.name() + " does not come from a jar");
            }
            Path file =
                    placeOf(directory, description.name(), order.transport()).resolve("report.json");
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return missing(needed + ", and '" + file
                        + "' is not there: certify with --tier simulated first, or name one with --simulated DIR");
            }
            byte[] content = BoundedFile.readNoLink(file, LARGEST);
            String difference = difference(
                    Json.tree(content),
                    catalogue.spec(),
                    description.name(),
                    description.provider(),
                    jar,
                    order.transport());
            return difference == null
                    ? new SimulatedReport(BoundedFile.sha256(content), null)
                    : missing(needed + ", and '" + file + "' is none: " + difference);
        } catch (IOException | IllegalArgumentException unreadable) {
            return missing(needed + ", and it cannot be read: " + unreadable.getMessage());
        }
    }

    /**
     * Returns where the simulated report of a subject is: in its own directory if that is the one given, else among reports.
     */
    public static Path placeOf(Path directory, String provider, @Nullable String transport) {
        Order simulated =
                Order.certify(Tier.SIMULATED, transport == null ? Map.of() : Map.of("transport", transport), 0);
        return Files.exists(directory.resolve("report.json"))
                ? directory
                : directory.resolve(simulated.subjectOf(provider));
    }

    /** {@return in a sentence why a report is not the one that another may rest on, or null if it is} */
    public static @Nullable String difference(Report simulated, Report report) {
        String jar = Objects.requireNonNullElse(report.subject().sha256(), "null");
        return difference(
                Json.tree(Json.write(simulated)),
                report.spec(),
                report.subject().provider(),
                report.subject().className(),
                jar,
                report.transport());
    }

    private static SimulatedReport missing(String problem) {
        return new SimulatedReport(null, problem);
    }

    private static @Nullable String difference(
            JsonNode report, String spec, String name, String type, String jar, @Nullable String transport) {
        String[][] wanted = {
            {"/schema", Report.SCHEMA},
            {"/spec", spec},
            {"/tier", Tier.SIMULATED.toString()},
            {"/verdict", Verdict.CERTIFIED.name()},
            {"/subject/provider", name},
            {"/subject/class", type},
            {"/subject/sha256", jar},
            {"/transport", Objects.requireNonNullElse(transport, "null")},
        };
        for (String[] each : wanted) {
            String actual = report.at(each[0]).asText();
            if (!actual.equals(each[1])) {
                return each[0].substring(1).replace('/', '.') + " is '" + actual + "', not '" + each[1] + "'";
            }
        }
        return null;
    }
}
