package dev.iovabitmap.conformance.merge;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.report.GuestKernel;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.RuleVerdict;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What merged.json holds.
 *
 * @param schema which format this is
 * @param spec the version of the specification
 * @param verdict the worst of all
 * @param suites the suites that made the reports; more than one only if that was asked for
 * @param entries the reports, by where they were
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Merged(String schema, String spec, Verdict verdict, List<Report.Suite> suites, List<Entry> entries) {
    private static final String SCHEMA = "https://iovabitmap.dev/schema/merged-1.json";

    /**
     * A report.
     *
     * @param place where it was, as it was named
     * @param report the SHA-256 of its report.json
     * @param subject what it speaks of
     * @param tier the tier
     * @param transport the transport, or null
     * @param date the day of the run
     * @param environment the machine
     * @param verdict the verdict
     * @param signed whether a signature was demanded and found
     * @param rules the status of each rule
     */
    public record Entry(
            String place,
            String report,
            Report.Subject subject,
            String tier,
            @Nullable String transport,
            String date,
            Report.Environment environment,
            Verdict verdict,
            boolean signed,
            Map<String, Status> rules) {
        /** {@return what matters of a certificate} */
        public static Entry of(String place, Certificate certificate) {
            Report report = certificate.file().report();
            Map<String, Status> rules = new LinkedHashMap<>();
            for (RuleVerdict rule : certificate.file().judgement().rules()) {
                rules.put(rule.rule().id(), rule.status());
            }
            return new Entry(
                    place,
                    certificate.file().sha256(),
                    report.subject(),
                    report.tier(),
                    report.transport(),
                    report.date(),
                    report.environment(),
                    report.verdict(),
                    certificate.signed(),
                    rules);
        }

        /** {@return the machine in a line, and what was changed in the kernel of a guest} */
        String machine() {
            GuestKernel kernel = environment.kernel();
            return (kernel == null ? environment.os() : kernel.inWords()) + ", " + environment.arch() + ", "
                    + environment.processors() + " processors, Java " + environment.java();
        }
    }

    /** {@return the reports together; there is at least one} */
    public static Merged of(RuleCatalogue catalogue, Set<Report.Suite> suites, List<Entry> entries) {
        List<Entry> sorted =
                entries.stream().sorted(Comparator.comparing(Entry::place)).toList();
        Verdict worst = sorted.stream()
                .map(Entry::verdict)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        return new Merged(SCHEMA, catalogue.spec(), worst, List.copyOf(suites), sorted);
    }

    /** {@return the rules that any report has, in the order of the specification} */
    List<String> rules(RuleCatalogue catalogue) {
        Set<String> known = entries.stream()
                .flatMap(entry -> entry.rules().keySet().stream())
                .collect(Collectors.toSet());
        return catalogue.rules().stream()
                .map(rule -> rule.id())
                .filter(known::contains)
                .toList();
    }

    /** {@return the bytes of merged.json} */
    public byte[] json() {
        return Json.write(this);
    }
}
