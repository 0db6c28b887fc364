package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes everything that is left of a run. */
public final class Reports {
    private Reports() {}

    /**
     * A verdict with the waivers that were granted to its subject.
     *
     * @param judgement the verdict after the waivers
     * @param waivers also those that were not used
     * @param date the day on which they were judged
     */
    public record Waived(Judgement judgement, List<Waiver> waivers, LocalDate date) {}

    /**
     * Writes a report.
     *
     * @param directory where to
     * @param catalogue the rules
     * @param order what was run
     * @param providerClass the class of the provider
     * @param result what was heard of it
     * @param waived the verdict
     * @param simulated the SHA-256 of the simulated report that it rests on, or null
     * @throws IOException with one sentence why it cannot be written
     */
    public static void write(
            ReportDirectory directory,
            RuleCatalogue catalogue,
            Order order,
            String providerClass,
            Runner.Result result,
            Waived waived,
            @Nullable String simulated)
            throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        put(files, "thread-dump.txt", result.record().threads());
        put(files, "crash.log", result.crashLog());
        put(files, "output.txt", result.output().isEmpty() ? null : result.output());
        List<String> attachments = List.copyOf(files.keySet());
        Report report =
                report(directory.name(), catalogue, order, providerClass, result, waived, simulated, attachments);
        files.putAll(ReportFile.of(report, catalogue).documents());
        SortedMap<String, String> sums = new TreeMap<>();
        files.forEach((name, content) -> sums.put(name, BoundedFile.sha256(content)));
        files.put(Sums.NAME, Sums.of(sums));
        directory.write(files);
    }

    private static void put(Map<String, byte[]> files, String name, @Nullable String text) {
        if (text != null) {
            files.put(name, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Report report(
            String name,
            RuleCatalogue catalogue,
            Order order,
            String providerClass,
            Runner.Result result,
            Waived waived,
            @Nullable String simulated,
            List<String> attachments)
            throws IOException {
        Judgement judgement = waived.judgement();
        Description description = result.record().description();
        Origin origin = Origin.at(description == null ? null : description.location());
        return new Report(
                Report.SCHEMA,
                thisSuite(),
                catalogue.spec(),
                new Report.Subject(
                        description == null ? order.providerOf(name) : description.name(),
                        description == null ? "unknown" : description.version(),
                        origin.sha256(),
                        Printable.of(providerClass),
                        origin.kind(),
                        origin.file()),
                order.tier().toString(),
                order.transport(),
                description == null ? List.of() : description.variants(),
                simulated,
                description == null
                        ? List.of()
                        : description.features().stream()
                                .map(Enum::name)
                                .sorted()
                                .toList(),
                U64.toBigInteger(order.seed()),
                waived.date().toString(),
                new Report.Environment(
                        Printable.of(System.getProperty("java.runtime.version")),
                        Printable.of(System.getProperty("java.vm.name")),
                        Printable.of(System.getProperty("os.name") + " " + System.getProperty("os.version")),
                        Printable.of(System.getProperty("os.arch")),
                        Runtime.getRuntime().availableProcessors(),
                        GuestKernel.here()),
                judgement.verdict(),
                judgement.problems(),
                waived.waivers(),
                rules(judgement),
                judgement.tests().stream()
                        .map(test -> new Report.TestEntry(
                                test.test().id(), test.test().rules(), test.status(), orNull(test.message())))
                        .toList(),
                attachments);
    }

    /**
     * {@return the suite that runs here}
     *
     * @throws IOException if its jar cannot be read
     */
    public static Report.Suite thisSuite() throws IOException {
        Path suite = Origin.pathOf(Reports.class);
        return new Report.Suite(
                SuiteVersion.get(),
                Origin.at(suite == null ? null : suite.toString()).sha256());
    }

    /** {@return the rules section} */
    static List<Report.RuleEntry> rules(Judgement judgement) {
        return judgement.rules().stream().map(Reports::entry).toList();
    }

    private static @Nullable String orNull(String message) {
        return message.isEmpty() ? null : message;
    }

    private static Report.RuleEntry entry(RuleVerdict rule) {
        return new Report.RuleEntry(
                rule.rule().id(),
                rule.rule().level(),
                rule.rule().text(),
                rule.status(),
                rule.tests().stream()
                        .map(test -> new Report.TestStatus(test.test().id(), test.status()))
                        .toList(),
                orNull(rule.message()));
    }
}
