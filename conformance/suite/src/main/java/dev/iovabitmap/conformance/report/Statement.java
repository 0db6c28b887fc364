package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * statement.json: an in-toto Statement v1 with the predicate test-result v0.1. It is what gets signed. A test, in the words of
 * the predicate, is a rule here: rules keep their names from one version of the suite to the next, and policies can name them.
 */
record Statement(
        @JsonProperty("_type") String type, List<Resource> subject, String predicateType, Predicates predicate) {
    private static final String TYPE = "https://in-toto.io/Statement/v1";
    private static final String PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1";
    private static final String SUITE = "iova-bitmap-conformance";

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            @Nullable String name,
            @Nullable String uri,
            @Nullable Map<String, String> digest,
            @Nullable Map<String, Object> annotations) {}

    record Predicates(
            String result,
            List<Resource> configuration,
            List<String> passedTests,
            List<String> warnedTests,
            List<String> failedTests) {}

    static byte[] of(ReportFile file) {
        return Json.write(new Statement(TYPE, subjects(file), PREDICATE_TYPE, predicate(file)));
    }

    /** A subject needs a digest, so that classes from a directory are none. */
    private static List<Resource> subjects(ReportFile file) {
        List<Resource> subjects = new ArrayList<>();
        Report.Subject subject = file.report().subject();
        if (subject.sha256() != null) {
            subjects.add(new Resource(subject.file(), null, Map.of("sha256", subject.sha256()), null));
        }
        subjects.add(new Resource("report.json", null, Map.of("sha256", file.sha256()), null));
        return subjects;
    }

    private static Predicates predicate(ReportFile file) {
        List<RuleVerdict> rules = file.judgement().rules();
        List<String> passed = ids(rules, rule -> rule.status() == Status.PASS);
        List<String> warned = ids(rules, Statement::isWarning);
        List<String> failed = ids(
                rules,
                rule -> !isWarning(rule) && rule.status() != Status.PASS && rule.status() != Status.NOT_SUPPORTED);
        Verdict verdict = file.report().verdict();
        String result = verdict == Verdict.NOT_CERTIFIED ? "FAILED" : warned.isEmpty() ? "PASSED" : "WARNED";
        return new Predicates(result, List.of(configuration(file.report())), passed, warned, failed);
    }

    private static boolean isWarning(RuleVerdict rule) {
        return rule.status() == Status.WAIVED
                || (rule.status() == Status.FAIL
                        && (rule.rule().level() == Rule.Level.SHOULD
                                || RuleCatalogue.load().graceUntil(rule.rule()).isPresent()));
    }

    private static List<String> ids(List<RuleVerdict> rules, Predicate<RuleVerdict> which) {
        return rules.stream().filter(which).map(rule -> rule.rule().id()).toList();
    }

    private static Resource configuration(Report report) {
        Map<String, Object> annotations = new LinkedHashMap<>();
        annotations.put("spec", report.spec());
        annotations.put("tier", report.tier());
        annotations.put("tierMeaning", Wording.ofTier(report.tier()));
        annotations.put("transport", Objects.requireNonNullElse(report.transport(), "none"));
        annotations.put("variants", report.variants());
        if (report.simulated() != null) {
            annotations.put("simulatedReport", report.simulated());
        }
        annotations.put("features", report.features());
        annotations.put("seed", report.seed().toString());
        annotations.put("verdict", report.verdict());
        String sha256 = report.suite().sha256();
        return new Resource(
                SUITE,
                "pkg:maven/dev.iovabitmap/" + SUITE + "@" + report.suite().version(),
                sha256 == null ? null : Map.of("sha256", sha256),
                annotations);
    }
}
