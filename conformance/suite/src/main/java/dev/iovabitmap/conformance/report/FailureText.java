package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.List;
import java.util.function.UnaryOperator;

/** What a person needs to understand a failure and to see it again. */
record FailureText(RuleCatalogue catalogue, Order order, UnaryOperator<String> replay) {
    private static final int NAMED = 5;

    /**
     * Writes the text.
     *
     * @param test the test
     * @param failed the ids of what failed, at least one: the method, or invocations of it
     * @param message what the first of them said
     */
    String of(TestCase test, List<String> failed, String message) {
        StringBuilder text = new StringBuilder();
        for (String id : test.rules()) {
            Rule rule = catalogue.rule(id);
            text.append(rule.id())
                    .append(" (")
                    .append(rule.level())
                    .append("): ")
                    .append(rule.text())
                    .append('\n');
        }
        text.append("test ").append(failed.get(0)).append('\n');
        text.append(message.isEmpty() ? "no reason was given" : message).append('\n');
        if (failed.size() > 1) {
            text.append("the same test fails for ").append(failed.size() - 1).append(" more inputs:");
            failed.stream().skip(1).limit(NAMED).forEach(id -> text.append(' ').append(id));
            text.append(failed.size() - 1 > NAMED ? " ...\n" : "\n");
        }
        BigInteger seed = U64.toBigInteger(order.seed());
        text.append("seed ").append(seed).append('\n');
        return text.append("replay: ")
                .append(Printable.of(replay.apply(order.tokenOf(failed.get(0)))))
                .toString();
    }
}
