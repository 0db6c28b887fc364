package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
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
    private static final long LARGEST = 16L << 20;

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
            Order simulated = Order.certify(
                    Tier.SIMULATED,
                    order.transport() == null ? Map.of() : Map.of("transport", order.transport()),
                    order.seed());
            Path own = directory.resolve("report.json");
            Path file = Files.exists(own)
                    ? own
                    : directory.resolve(simulated.subjectOf(description.name())).resolve("report.json");
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return missing(needed + ", and '" + file
                        + "' is not there: certify with --tier simulated first, or name" + " one with --simulated DIR");
            }
            if (Files.size(file) > LARGEST) {
                return missing(needed + ", and '" + file + "' is too large for one");
            }
            byte[] content = Files.readAllBytes(file);
            JsonNode report = JsonMapper.builder().build().readTree(content);
            String difference = difference(report, catalogue, order, description, jar);
            return difference == null
                    ? new SimulatedReport(Origin.digest(file), null)
                    : missing(needed + ", and '" + file + "' is none: " + difference);
        } catch (IOException unreadable) {
            return missing(needed + ", and it cannot be read: " + unreadable.getMessage());
        }
    }

    private static SimulatedReport missing(String problem) {
        return new SimulatedReport(null, problem);
    }

    private static @Nullable String difference(
            JsonNode report, RuleCatalogue catalogue, Order order, Description description, String jar) {
        String transport = Objects.requireNonNullElse(order.transport(), "null");
        String[][] wanted = {
            {"/schema", Report.SCHEMA},
            {"/spec", catalogue.spec()},
            {"/tier", Tier.SIMULATED.toString()},
            {"/verdict", Verdict.CERTIFIED.name()},
            {"/subject/provider", description.name()},
            {"/subject/class", description.provider()},
            {"/subject/sha256", jar},
            {"/transport", transport},
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
