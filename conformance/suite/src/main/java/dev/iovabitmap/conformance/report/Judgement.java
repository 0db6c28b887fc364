package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Plan;
import dev.iovabitmap.conformance.engine.RunRecord;
import dev.iovabitmap.conformance.engine.RunRecord.Outcome;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.spi.Feature;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run held against its plan.
 *
 * @param verdict the verdict
 * @param problems what went wrong with the run as a whole
 * @param rules every rule of the scope and tier, in order
 * @param tests every planned test, in order
 */
public record Judgement(Verdict verdict, List<String> problems, List<RuleVerdict> rules, List<TestVerdict> tests) {
    /**
     * Judges a run.
     *
     * @param catalogue the rules
     * @param order what was run
     * @param run what was heard
     * @param replay makes the command that replays a token
     */
    public static Judgement of(RuleCatalogue catalogue, Order order, RunRecord run, UnaryOperator<String> replay) {
        Description description = run.description();
        List<String> problems = new ArrayList<>(run.problems());
        if (description == null) {
            Status status = Status.ERROR;
            String message = problems.isEmpty() ? "the provider could not be examined" : problems.get(0);
            return withoutTests(catalogue, order, problems, status, message);
        }
        if (description.unavailable() != null) {
            String message = "the provider is unavailable here: " + description.unavailable();
            problems.add(message);
            return withoutTests(catalogue, order, problems, Status.NOT_RUN, message);
        }
        Plan plan = Plan.of(catalogue, order, description.features());
        problems.addAll(unplanned(plan, run));
        Map<String, TestVerdict> tests = new LinkedHashMap<>();
        FailureText text = new FailureText(catalogue, order, replay);
        for (TestCase test : plan.tests()) {
            tests.put(test.id(), judge(test, run, text));
        }
        return of(catalogue, plan, description.features(), problems, tests);
    }

    private static Judgement of(
            RuleCatalogue catalogue,
            Plan plan,
            Set<Feature> features,
            List<String> problems,
            Map<String, TestVerdict> tests) {
        List<RuleVerdict> rules = plan.rules().stream()
                .map(rule -> judge(
                        rule,
                        plan.testsOf(rule).stream()
                                .map(test -> Objects.requireNonNull(tests.get(test.id())))
                                .toList(),
                        features))
                .toList();
        return new Judgement(
                verdict(catalogue, rules, problems), List.copyOf(problems), rules, List.copyOf(tests.values()));
    }

    /**
     * Judges what a report says of its tests, as if they had just run; waivers come after that.
     *
     * @throws IllegalArgumentException with one sentence if these are not the tests that had to run
     */
    public static Judgement again(RuleCatalogue catalogue, Report report) {
        Order order = Order.certify(
                Tier.valueOf(report.tier().toUpperCase(Locale.ROOT)),
                report.transport() == null ? Map.of() : Map.of("transport", report.transport()),
                report.seed().longValue());
        if (report.tests().isEmpty()) {
            return againWithoutTests(catalogue, order, report);
        }
        Set<Feature> features =
                report.features().stream().map(Feature::valueOf).collect(Collectors.toCollection(TreeSet::new));
        Plan plan = Plan.of(catalogue, order, features);
        List<String> planned = plan.tests().stream().map(TestCase::id).toList();
        if (!planned.equals(report.tests().stream().map(Report.TestEntry::id).toList())) {
            throw new IllegalArgumentException("its tests are not those that its tier and features demand");
        }
        Map<String, TestVerdict> tests = new LinkedHashMap<>();
        for (int i = 0; i < planned.size(); i++) {
            TestCase test = plan.tests().get(i);
            Report.TestEntry entry = report.tests().get(i);
            if (!test.rules().equals(entry.rules())) {
                throw new IllegalArgumentException("its test " + test.id() + " is not one for " + entry.rules());
            }
            if (entry.status() == Status.NOT_SUPPORTED && !drivesADevice(test)) {
                throw new IllegalArgumentException(
                        "its test " + test.id() + " drives no device that could lack something");
            }
            String message = Objects.requireNonNullElse(entry.message(), "");
            tests.put(test.id(), new TestVerdict(test, entry.status(), message));
        }
        return of(catalogue, plan, features, report.problems(), tests);
    }

    /** The provider could not be examined or was unavailable, which is told by what all rules say. */
    private static Judgement againWithoutTests(RuleCatalogue catalogue, Order order, Report report) {
        Report.RuleEntry first =
                report.rules().isEmpty() ? null : report.rules().get(0);
        if (first == null || first.message() == null) {
            throw new IllegalArgumentException("it has no tests, and no reason for that");
        }
        Status status = first.status() == Status.NOT_RUN ? Status.NOT_RUN : Status.ERROR;
        return withoutTests(catalogue, order, report.problems(), status, first.message());
    }

    /**
     * Accepts failures.
     *
     * @param catalogue the rules
     * @param waivers those that are granted to the subject
     * @return the same with the rules that fail and have a waiver at WAIVED
     */
    public Judgement waive(RuleCatalogue catalogue, List<Waiver> waivers) {
        List<RuleVerdict> waived = rules.stream()
                .map(rule -> waivers.stream()
                        .filter(waiver -> rule.status() == Status.FAIL
                                && waiver.rule().equals(rule.rule().id()))
                        .findFirst()
                        .map(waiver -> new RuleVerdict(
                                rule.rule(), Status.WAIVED, rule.tests(), waiver.line() + "\n\n" + rule.message()))
                        .orElse(rule))
                .toList();
        return new Judgement(verdict(catalogue, waived, problems), problems, waived, tests);
    }

    private static Judgement withoutTests(
            RuleCatalogue catalogue, Order order, List<String> problems, Status status, String message) {
        List<RuleVerdict> rules = Plan.of(catalogue, order, EnumSet.noneOf(Feature.class)).rules().stream()
                .map(rule -> new RuleVerdict(rule, status, List.of(), message))
                .toList();
        return new Judgement(Verdict.NOT_CERTIFIED, List.copyOf(problems), rules, List.of());
    }

    private static List<String> unplanned(Plan plan, RunRecord run) {
        Set<String> planned = plan.tests().stream().map(TestCase::id).collect(Collectors.toSet());
        return run.outcomes().keySet().stream()
                .filter(id -> !planned.contains(TestCase.methodOf(id)))
                .map(id -> id + " ran, though it was not planned")
                .toList();
    }

    private static TestVerdict judge(TestCase test, RunRecord run, FailureText text) {
        Map<String, Outcome> invocations = new LinkedHashMap<>();
        run.outcomes().forEach((id, outcome) -> {
            if (TestCase.methodOf(id).equals(test.id())) {
                invocations.put(id, outcome);
            }
        });
        if (invocations.isEmpty()) {
            return run.complete()
                    ? new TestVerdict(test, Status.ERROR, test.id() + " was planned but did not run" + because(run))
                    : new TestVerdict(test, Status.NOT_RUN, "the run ended before " + test.id() + because(run));
        }
        Status status = worst(invocations.values().stream().map(Outcome::status));
        if (status == Status.PASS) {
            return new TestVerdict(test, status, "");
        }
        List<String> failed = invocations.entrySet().stream()
                .filter(entry -> entry.getValue().status() == status)
                .map(Map.Entry::getKey)
                .toList();
        Outcome first = invocations.getOrDefault(failed.get(0), new Outcome(status, ""));
        if (status == Status.NOT_SUPPORTED) {
            return drivesADevice(test)
                    ? new TestVerdict(test, status, first.message())
                    : new TestVerdict(test, Status.ERROR, text.of(test, failed, first.message()));
        }
        return new TestVerdict(test, status, text.of(test, failed, first.message()));
    }

    /** Only a harness may lack what a test needs; elsewhere it would be a provider's excuse. */
    private static boolean drivesADevice(TestCase test) {
        return test.needs().contains(Feature.HARDWARE);
    }

    private static String because(RunRecord run) {
        List<String> problems = run.problems();
        return problems.isEmpty() ? "" : ": " + (run.complete() ? problems.getFirst() : problems.getLast());
    }

    private static RuleVerdict judge(Rule rule, List<TestVerdict> tests, Set<Feature> features) {
        if (tests.isEmpty()) {
            return withoutTests(rule, features);
        }
        Status status = worst(tests.stream().map(TestVerdict::status));
        if (status == Status.PASS) {
            return new RuleVerdict(rule, status, tests, "");
        }
        String message = tests.stream()
                .filter(test -> test.status() != Status.PASS)
                .filter(test -> status == Status.NOT_SUPPORTED || test.status() != Status.NOT_SUPPORTED)
                .map(TestVerdict::message)
                .distinct()
                .collect(Collectors.joining("\n\n"));
        return new RuleVerdict(rule, status, tests, message);
    }

    private static RuleVerdict withoutTests(Rule rule, Set<Feature> features) {
        Set<Feature> needed = new TreeSet<>(rule.features());
        List<TestCase> tests = TestCatalogue.all().stream()
                .filter(test -> test.rules().contains(rule.id()))
                .toList();
        tests.forEach(test -> needed.addAll(test.needs()));
        needed.removeAll(features);
        if (needed.isEmpty() && tests.isEmpty()) {
            return new RuleVerdict(rule, Status.NOT_RUN, List.of(), "the suite has no test for this rule");
        }
        String missing = needed.stream().map(Feature::name).collect(Collectors.joining(", "));
        String message =
                needed.isEmpty() ? "speaks of providers without its features" : "the provider lacks " + missing;
        return new RuleVerdict(rule, Status.NOT_SUPPORTED, List.of(), message);
    }

    private static Verdict verdict(RuleCatalogue catalogue, List<RuleVerdict> rules, List<String> problems) {
        boolean sound = problems.isEmpty() && rules.stream().anyMatch(rule -> rule.status() == Status.PASS);
        if (!sound || !rules.stream().allMatch(rule -> certifiable(catalogue, rule))) {
            return Verdict.NOT_CERTIFIED;
        }
        boolean waived = rules.stream()
                .anyMatch(rule -> rule.status() == Status.WAIVED && rule.rule().level() == Rule.Level.MUST);
        return waived ? Verdict.CERTIFIED_WITH_WAIVERS : Verdict.CERTIFIED;
    }

    /** Only a SHOULD may fail, or a rule in its grace period; what could not be judged never certifies. */
    private static boolean certifiable(RuleCatalogue catalogue, RuleVerdict rule) {
        return switch (rule.status()) {
            case PASS, NOT_SUPPORTED, WAIVED -> true;
            case FAIL ->
                rule.rule().level() != Rule.Level.MUST
                        || catalogue.graceUntil(rule.rule()).isPresent();
            case ERROR, NOT_RUN -> false;
        };
    }

    /** What a harness could not do is neither here nor there, as long as something else was tried: PASS needs a PASS. */
    private static Status worst(Stream<Status> statuses) {
        List<Status> best = List.of(Status.NOT_SUPPORTED, Status.PASS, Status.NOT_RUN, Status.FAIL, Status.ERROR);
        return statuses.max(Comparator.comparingInt(best::indexOf)).orElseThrow();
    }

    /**
     * Returns the rules that failed. A bug in marking fails tests of many rules; the rule that it breaks is most often the one
     * of which the most tests fail, so the largest share comes first.
     *
     * @return each with the number of its tests that failed, such as {@code SET-1 (5 of 5 tests)}
     */
    public List<String> failedRules() {
        return suspects()
                .map(rule -> rule.rule().id() + " (" + failed(rule) + " of "
                        + rule.tests().size() + (rule.tests().size() == 1 ? " test)" : " tests)"))
                .toList();
    }

    /**
     * {@return the tests that failed, but for those of waived rules alone; those of the rules first that {@link #failedRules}
     * names first}
     */
    public List<TestVerdict> failures() {
        List<String> order = suspects().map(rule -> rule.rule().id()).toList();
        return tests.stream()
                .filter(test -> hasFailed(test) && !isWaived(test))
                .sorted(Comparator.comparingInt(test -> test.test().rules().stream()
                        .mapToInt(order::indexOf)
                        .filter(at -> at >= 0)
                        .min()
                        .orElse(0)))
                .toList();
    }

    /** {@return the tests that failed, of waived rules alone} */
    public List<TestVerdict> waivedFailures() {
        return tests.stream().filter(test -> hasFailed(test) && isWaived(test)).toList();
    }

    private boolean isWaived(TestVerdict test) {
        return rules.stream()
                .filter(rule -> test.test().rules().contains(rule.rule().id()))
                .noneMatch(rule -> rule.status() == Status.FAIL || rule.status() == Status.ERROR);
    }

    /** {@return the ids of the rules that are waived} */
    public List<String> waivedRules() {
        return rules.stream()
                .filter(rule -> rule.status() == Status.WAIVED)
                .map(rule -> rule.rule().id())
                .toList();
    }

    private Stream<RuleVerdict> suspects() {
        return rules.stream()
                .filter(rule -> rule.status() == Status.FAIL || rule.status() == Status.ERROR)
                .filter(rule -> !rule.tests().isEmpty())
                .sorted(Comparator.comparingDouble(Judgement::shareOfFailed).reversed());
    }

    private static double shareOfFailed(RuleVerdict rule) {
        return (double) failed(rule) / rule.tests().size();
    }

    private static long failed(RuleVerdict rule) {
        return rule.tests().stream().filter(Judgement::hasFailed).count();
    }

    private static boolean hasFailed(TestVerdict test) {
        return test.status() == Status.FAIL || test.status() == Status.ERROR;
    }

    /** {@return the same without a certificate, for a reason that lies outside of the run} */
    public Judgement refused(String why) {
        List<String> more = new ArrayList<>(problems);
        more.add(why);
        return new Judgement(Verdict.NOT_CERTIFIED, List.copyOf(more), rules, tests);
    }

    /** {@return how many rules have a status} */
    public long count(Status status) {
        return rules.stream().filter(rule -> rule.status() == status).count();
    }
}
