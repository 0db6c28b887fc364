package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes everything that is left of a run. */
public final class Reports {
    private Reports() {}

    /**
     * Writes a report.
     *
     * @param directory where to
     * @param catalogue the rules
     * @param order what was run
     * @param providerClass the class of the provider
     * @param result what was heard of it
     * @param judgement the verdict
     * @param simulated the SHA-256 of the simulated report that it rests on, or null
     * @throws IOException with one sentence why it cannot be written
     */
    public static void write(
            ReportDirectory directory,
            RuleCatalogue catalogue,
            Order order,
            String providerClass,
            Runner.Result result,
            Judgement judgement,
            @Nullable String simulated)
            throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        put(files, "thread-dump.txt", result.record().threads());
        put(files, "crash.log", result.crashLog());
        put(files, "output.txt", result.output().isEmpty() ? null : result.output());
        List<String> attachments = List.copyOf(files.keySet());
        Report report =
                report(directory.name(), catalogue, order, providerClass, result, judgement, simulated, attachments);
        put(files, "report.json", json(report));
        files.put("junit.xml", JunitXml.of(report, judgement));
        files.put("report.html", HtmlReport.of(report, judgement));
        put(files, "SHA256SUMS", sums(files));
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
            Judgement judgement,
            @Nullable String simulated,
            List<String> attachments)
            throws IOException {
        Description description = result.record().description();
        Origin origin = Origin.at(description == null ? null : description.location());
        Path suite = Origin.pathOf(Reports.class);
        return new Report(
                Report.SCHEMA,
                new Report.Suite(
                        SuiteVersion.get(),
                        Origin.at(suite == null ? null : suite.toString()).sha256()),
                catalogue.spec(),
                new Report.Subject(
                        description == null ? name : description.name(),
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
                new Report.Environment(
                        System.getProperty("java.runtime.version"),
                        System.getProperty("java.vm.name"),
                        System.getProperty("os.name") + " " + System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors(),
                        GuestKernel.here()),
                judgement.verdict(),
                judgement.problems(),
                judgement.rules().stream().map(Reports::entry).toList(),
                attachments);
    }

    private static Report.RuleEntry entry(RuleVerdict rule) {
        return new Report.RuleEntry(
                rule.rule().id(),
                rule.rule().level(),
                rule.rule().text(),
                rule.status(),
                rule.tests().stream()
                        .map(test -> new Report.TestEntry(test.test().id(), test.status()))
                        .toList(),
                rule.message().isEmpty() ? null : rule.message());
    }

    private static String json(Report report) throws IOException {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
        return JsonMapper.builder().build().writer(printer).writeValueAsString(report) + "\n";
    }

    private static String sums(Map<String, byte[]> files) {
        StringBuilder sums = new StringBuilder();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach((name, content) -> sums.append(HexFormat.of().formatHex(digest.digest(content)))
                    .append("  ")
                    .append(name)
                    .append('\n'));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        return sums.toString();
    }
}
