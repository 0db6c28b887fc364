package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.conformance.waiver.Waivers;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A report that agrees with itself and with the catalogue. There is one way to write it, and what else is in its directory
 * follows from it.
 *
 * @param report the report
 * @param judgement the verdict, computed from its tests
 */
public record ReportFile(Report report, Judgement judgement) {
    /** The names of the files that every report has, but for SHA256SUMS. */
    public static final List<String> DOCUMENTS =
            List.of("badge.svg", "junit.xml", "report.html", "report.json", "statement.json");

    /**
     * Reads a report and judges it again.
     *
     * @throws IllegalArgumentException with one sentence on what is wrong with it
     */
    public static ReportFile read(byte[] content, RuleCatalogue catalogue) {
        Report report = Json.read(content, Report.class);
        ReportCheck.check(report);
        ReportCheck.checkPrintable(Json.tree(content));
        if (!Arrays.equals(content, Json.write(report))) {
            throw new IllegalArgumentException("it is not written as the suite writes reports");
        }
        return of(report, catalogue);
    }

    /** {@return the version of the suite that a report names, whatever else is in it} */
    public static String suiteVersion(byte[] content) {
        JsonNode version = Json.tree(content).at("/suite/version");
        if (!version.isTextual()) {
            throw new IllegalArgumentException("it names no version of a suite");
        }
        return version.textValue();
    }

    static ReportFile of(Report report, RuleCatalogue catalogue) {
        if (!report.spec().equals(catalogue.spec())) {
            throw new IllegalArgumentException("its specification is " + report.spec() + ", not " + catalogue.spec());
        }
        LocalDate day = LocalDate.parse(report.date());
        Waivers.checkNumber(report.waivers());
        for (Waiver waiver : report.waivers()) {
            try {
                Waivers.check(waiver, catalogue, day);
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(
                        "its waiver of " + waiver.rule() + " does not count: " + wrong.getMessage(), wrong);
            }
            if (!waiver.covers(report.subject().provider(), report.subject().version())) {
                throw new IllegalArgumentException("its waiver of " + waiver.rule() + " is for another subject");
            }
        }
        Judgement judgement = Judgement.again(catalogue, report).waive(catalogue, report.waivers());
        List<Report.RuleEntry> rules = Reports.rules(judgement);
        if (rules.size() != report.rules().size()) {
            throw new IllegalArgumentException("its rules are not those that its tier demands");
        }
        for (int i = 0; i < rules.size(); i++) {
            if (!rules.get(i).equals(report.rules().get(i))) {
                throw new IllegalArgumentException("its rule "
                        + report.rules().get(i).id() + " is not what follows from the catalogue and from its tests");
            }
        }
        if (judgement.verdict() != report.verdict()) {
            throw new IllegalArgumentException("its verdict is " + Wording.of(report.verdict())
                    + ", but its rules give " + Wording.of(judgement.verdict()));
        }
        return new ReportFile(report, judgement);
    }

    /** {@return the bytes of report.json} */
    byte[] content() {
        return Json.write(report);
    }

    /** {@return all files that follow from the report, itself included, by name} */
    public Map<String, byte[]> documents() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("badge.svg", Badge.of(report));
        files.put("junit.xml", JunitXml.of(report, judgement));
        files.put("report.html", HtmlReport.of(report, judgement));
        files.put("report.json", content());
        files.put("statement.json", Statement.of(this));
        return files;
    }

    /** {@return the SHA-256 of report.json} */
    public String sha256() {
        return BoundedFile.sha256(content());
    }
}
