package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Plan;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a log shows of a run that is made up. */
class ProgressTest {
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();
    private static final Order ORDER = Order.certify(Tier.MEMORY, 1);
    private static final List<TestCase> TESTS =
            Plan.of(CATALOGUE, ORDER, Set.of()).tests();

    private final StringWriter out = new StringWriter();

    private Progress progress(boolean named) {
        return new Progress(new PrintWriter(out, true), false, CATALOGUE, ORDER, "ac\u001b[31mme", named);
    }

    private static Event described(@Nullable String unavailable) {
        return new Event.Described(new Description("acme", "1", "Acme", null, Set.of(), unavailable));
    }

    private static void play(Progress progress, TestCase test, Status status) {
        progress.accept(new Event.Started(test.id()));
        progress.accept(new Event.Finished(test.id(), status, ""));
    }

    private List<String> groupsShown() {
        return out.toString()
                .lines()
                .filter(line -> line.startsWith("  "))
                .map(line -> line.substring(2, line.indexOf(':')))
                .toList();
    }

    @Test
    void groupsAreInTheOrderOfTheSpecificationWhateverRanFirst() {
        Progress progress = progress(false);
        progress.accept(described(null));
        TESTS.reversed().forEach(test -> play(progress, test, Status.PASS));
        progress.accept(new Event.Done());
        progress.end();
        List<String> all =
                CATALOGUE.rules().stream().map(Rule::group).distinct().toList();
        List<String> shown = groupsShown();
        assertTrue(shown.size() > 5, shown::toString);
        assertEquals(all.stream().filter(shown::contains).toList(), shown);
        assertEquals("ac?[31mme", out.toString().lines().findFirst().orElseThrow());
    }

    @Test
    void groupThatWasThroughIsShownThoughTheRunWasCutShort() {
        Progress progress = progress(false);
        progress.accept(described(null));
        String group = groupOf(TESTS.getLast());
        TESTS.stream().filter(test -> groupOf(test).equals(group)).forEach(test -> play(progress, test, Status.FAIL));
        play(progress, TESTS.getFirst(), Status.FAIL);
        assertEquals(List.of(), groupsShown(), "while groups above it are not through");
        progress.end();
        assertEquals(List.of(group), groupsShown());
        assertFalse(out.toString().contains(" 1 tests"), out.toString());
    }

    private static String groupOf(TestCase test) {
        return CATALOGUE.rule(test.rules().get(0)).group();
    }

    @Test
    void whatIsUnavailableShowsOnlyIfItWasNamed() {
        progress(false).accept(described("no such device"));
        assertEquals("", out.toString());
        progress(true).accept(described("no such device"));
        assertEquals(1, out.toString().lines().count());
    }
}
