package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.files.FileReason;
import dev.iovabitmap.conformance.report.Origin;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.ReportFile;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.rules.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The report that a certificate at tier kernel or hardware rests on: of the same jar and transport, CERTIFIED with a simulated
 * kernel. A real device cannot be made to fail at any time, a simulated one can. It is verified like any other certificate
 * before anything rests on it.
 *
 * @param sha256 the digest of its report.json, or null if there is none or none is needed
 * @param problem why there is none, in a sentence, or null
 */
public record SimulatedReport(
        @Nullable String sha256, @Nullable String problem) {
    private static final SimulatedReport NOT_NEEDED = new SimulatedReport(null, null);

    /**
     * Looks for the report.
     *
     * @param directory where reports are, one directory for each subject, or the directory of the report itself
     * @param trust whose reports are believed; a signature is not asked for
     * @param order what was run
     * @param description the provider that was run, or null if it did not say what it is
     */
    public static SimulatedReport of(Path directory, Trust trust, Order order, @Nullable Description description) {
        if (!order.tier().needsSimulated() || description == null || description.unavailable() != null) {
            return NOT_NEEDED;
        }
        String needed = "a certificate at tier " + order.tier() + " needs a CERTIFIED report of the same jar at tier "
                + Tier.SIMULATED;
        Path place = placeOf(directory, description.name(), order.transport());
        try {
            Origin origin = Origin.at(description.location());
            if (origin.sha256() == null) {
                return missing(needed + ", but " + description.name() + " does not come from a jar");
            }
            if (!isThere(place)) {
                return missing(needed + ", and '" + place.resolve(Certificate.REPORT)
                        + "' is not there: certify with --tier simulated first, or name one with --simulated DIR");
            }
            ReportFile simulated = Certificate.alone(place, trust.withoutKey()).file();
            checkIsOf(
                    simulated.report(), description.name(), description.provider(), origin.sha256(), order.transport());
            return new SimulatedReport(simulated.sha256(), null);
        } catch (NotVerifiedException wrong) {
            return missing(needed + ", and '" + place + "' is none: " + wrong.getMessage());
        } catch (IOException unreadable) {
            return missing(needed + ", and the jar cannot be read: " + FileReason.of(unreadable));
        }
    }

    /**
     * Returns where the simulated report of a subject is: in its own directory if that is the one given, else among reports.
     */
    static Path placeOf(Path directory, String provider, @Nullable String transport) {
        Order simulated =
                Order.certify(Tier.SIMULATED, transport == null ? Map.of() : Map.of("transport", transport), 0);
        return isThere(directory) ? directory : directory.resolve(simulated.subjectOf(provider));
    }

    static boolean isThere(Path place) {
        return Files.exists(place.resolve(Certificate.REPORT), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Demands that a report is one that another may rest on.
     *
     * @throws NotVerifiedException with the first field that differs
     */
    static void checkGround(Report simulated, Report report) throws NotVerifiedException {
        Report.Subject subject = report.subject();
        checkIsOf(simulated, subject.provider(), subject.className(), subject.sha256(), report.transport());
    }

    private static void checkIsOf(
            Report simulated, String name, String type, @Nullable String jar, @Nullable String transport)
            throws NotVerifiedException {
        check("tier", simulated.tier(), Tier.SIMULATED.toString());
        check("verdict", simulated.verdict().name(), Verdict.CERTIFIED.name());
        check("subject.provider", simulated.subject().provider(), name);
        check("subject.class", simulated.subject().className(), type);
        check("subject.sha256", String.valueOf(simulated.subject().sha256()), String.valueOf(jar));
        check("transport", String.valueOf(simulated.transport()), String.valueOf(transport));
    }

    private static void check(String field, String actual, String wanted) throws NotVerifiedException {
        if (!actual.equals(wanted)) {
            throw new NotVerifiedException(field + " is '" + actual + "', not '" + wanted + "'");
        }
    }

    private static SimulatedReport missing(String problem) {
        return new SimulatedReport(null, problem);
    }
}
