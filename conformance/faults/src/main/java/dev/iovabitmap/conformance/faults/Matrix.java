package dev.iovabitmap.conformance.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.List;

/**
 * Which rules' tests notice which fault, as {@code matrix.json} of the suite has it: all tests that apply to a fault ran on it.
 *
 * @param seed the seed of all runs
 * @param rules the rules that tests were tried of, in the order of the specification
 * @param faults the rows
 */
public record Matrix(String seed, List<String> rules, List<Row> faults) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * A fault.
     *
     * @param id its id
     * @param wrong what is wrong
     * @param reEnacts the commit or source that it re-enacts
     * @param rules the rules that it breaks
     * @param notTried the rules of which no test applies to it: it lacks what they speak of
     * @param tried the day of the run
     * @param caughtBy the rules of which a test fails, in the order of the specification
     * @param lost how runs were lost, and in tests of which other rules
     * @param tests how many tests failed, or never came to their end
     */
    public record Row(
            String id,
            String wrong,
            String reEnacts,
            List<String> rules,
            List<String> notTried,
            String tried,
            List<String> caughtBy,
            List<Lost> lost,
            int tests) {
        /** {@return what was found of a fault, with what is said of it now} */
        Row of(Fault fault) {
            String source = fault.reEnacts().isEmpty()
                    ? RuleCatalogue.load().rule(fault.rules().get(0)).source()
                    : fault.reEnacts();
            return new Row(
                    fault.id(),
                    fault.wrong(),
                    source,
                    fault.rules(),
                    Matrix.notTried(fault),
                    tried,
                    caughtBy,
                    lost,
                    tests);
        }
    }

    /**
     * Runs that never came to their end.
     *
     * @param how what became of them
     * @param rules the rules that their tests verify, and that no test failed otherwise
     */
    public record Lost(String how, List<String> rules) {}

    /** {@return the rules that tests can be tried of} */
    static List<String> tested() {
        return RuleCatalogue.load().rules().stream()
                .filter(rule -> rule.scope() != Scope.DOCUMENT)
                .map(Rule::id)
                .toList();
    }

    private static List<String> notTried(Fault fault) {
        return tested().stream()
                .filter(rule -> Trial.tests(fault.features(), List.of(rule)).isEmpty())
                .toList();
    }

    /** {@return the row of a fault that was tried on a day} */
    static Row row(Fault fault, String tried, List<String> caughtBy, List<Lost> lost, int tests) {
        return new Row("", "", "", List.of(), List.of(), tried, caughtBy, lost, tests).of(fault);
    }

    static Matrix parse(String json) {
        try {
            return JSON.readValue(json, Matrix.class);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("matrix.json cannot be read", broken);
        }
    }

    String toJson() {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        ObjectWriter writer = JSON.writer(printer);
        try {
            return writer.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
