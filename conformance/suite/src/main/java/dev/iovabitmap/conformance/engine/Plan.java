package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.spi.Feature;
import java.util.List;
import java.util.Set;

/**
 * Which rules are judged and which tests have to run for it. The JVM that runs the tests and the one that judges make the
 * same plan, each on its own.
 *
 * @param rules the rules of the scope and tier
 * @param tests the tests that apply to the provider
 */
public record Plan(List<Rule> rules, List<TestCase> tests) {
    /** {@return the plan for a provider with these features} */
    public static Plan of(RuleCatalogue catalogue, Order order, Set<Feature> features) {
        List<Rule> rules = catalogue.rules().stream()
                .filter(rule -> rule.scope() == order.scope() && rule.tiers().contains(order.tier()))
                .toList();
        List<String> possible = rules.stream()
                .filter(rule -> features.containsAll(rule.features()))
                .map(Rule::id)
                .toList();
        List<TestCase> tests = TestCatalogue.all().stream()
                .filter(test -> test.appliesTo(features) && test.appliesTo(order.tier()))
                .filter(test -> test.rules().stream().anyMatch(possible::contains))
                .toList();
        return new Plan(rules, tests);
    }

    /** {@return the planned tests of a rule} */
    public List<TestCase> testsOf(Rule rule) {
        return tests.stream().filter(test -> test.rules().contains(rule.id())).toList();
    }
}
