package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.rules.Rule;
import java.util.List;

/**
 * What became of a rule.
 *
 * @param rule the rule
 * @param status its status
 * @param tests its tests that applied
 * @param message why it is not PASS; empty for PASS
 */
public record RuleVerdict(Rule rule, Status status, List<TestVerdict> tests, String message) {}
