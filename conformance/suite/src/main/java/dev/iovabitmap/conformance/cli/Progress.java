package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Plan;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.spi.Feature;
import java.io.Console;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Shows how a run goes on: a live line in a terminal, else a line for each group of rules, in the order of the specification. */
final class Progress implements Consumer<Event> {
    private static final int WIDTH = 79;
    private static final String CLEAR = "\r\033[K";

    private final PrintWriter out;
    private final boolean live;
    private final RuleCatalogue catalogue;
    private final Order order;
    private final String subject;
    private final boolean named;

    private final Map<String, String> groupOf = new HashMap<>();
    private final Map<String, Integer> waiting = new LinkedHashMap<>();
    private final Map<String, Integer> total = new HashMap<>();
    private final Set<String> failed = new HashSet<>();
    private int begun;
    private @Nullable String running;

    /**
     * Begins.
     *
     * @param named whether somebody asked for the subject by name; else it is shown only if it is available
     */
    Progress(PrintWriter out, boolean live, RuleCatalogue catalogue, Order order, String subject, boolean named) {
        this.out = out;
        this.live = live;
        this.catalogue = catalogue;
        this.order = order;
        this.subject = subject;
        this.named = named;
        if (live || named) {
            show(subject);
        }
    }

    @Override
    public void accept(Event event) {
        switch (event) {
            case Event.Described described -> {
                if (!live && !named && described.description().unavailable() == null) {
                    show(subject);
                }
                plan(described.description().features());
            }
            case Event.Started started -> started(started.test());
            case Event.Finished finished -> {
                if (finished.status() != Status.PASS && finished.status() != Status.NOT_SUPPORTED) {
                    failed.add(TestCase.methodOf(finished.test()));
                }
            }
            case Event.Done done -> through();
            default -> {}
        }
    }

    private void plan(Set<Feature> features) {
        catalogue.rules().forEach(rule -> waiting.put(rule.group(), 0));
        for (TestCase test : Plan.of(catalogue, order, features).tests()) {
            String group = catalogue.rule(test.rules().get(0)).group();
            groupOf.put(test.id(), group);
            waiting.merge(group, 1, Integer::sum);
            total.merge(group, 1, Integer::sum);
        }
    }

    private void started(String test) {
        String method = TestCase.methodOf(test);
        if (!method.equals(running)) {
            through();
            running = method;
            begun++;
        }
        if (live) {
            show(subject + "  " + begun + " of " + groupOf.size()
                    + (failed.isEmpty() ? "" : ", " + failed.size() + " failed") + "  " + test);
        }
    }

    /** The test that ran has had its last invocation. */
    private void through() {
        String group = running == null ? null : groupOf.get(running);
        running = null;
        if (group != null && !live && waiting.merge(group, -1, Integer::sum) == 0) {
            showThrough(true);
        }
    }

    /** Two engines run one after the other, so that a group of the specification may be through before the one above it. */
    private void showThrough(boolean inOrder) {
        for (Iterator<Map.Entry<String, Integer>> groups = waiting.entrySet().iterator(); groups.hasNext(); ) {
            Map.Entry<String, Integer> group = groups.next();
            if (group.getValue() == 0) {
                showGroup(group.getKey());
                groups.remove();
            } else if (inOrder) {
                return;
            }
        }
    }

    private void showGroup(String group) {
        int tests = total.getOrDefault(group, 0);
        if (tests == 0) {
            return;
        }
        long wrong =
                failed.stream().filter(test -> group.equals(groupOf.get(test))).count();
        String noun = tests == 1 ? " test " : " tests ";
        show("  " + group + ": " + (wrong == 0 ? tests + noun + "passed" : wrong + " of " + tests + noun + "failed"));
    }

    private void show(String text) {
        String line = Printable.of(text);
        if (live) {
            out.print(CLEAR + (line.length() <= WIDTH ? line : line.substring(0, WIDTH)));
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Clears the live line; else shows the groups that were through when the run was cut short. */
    void end() {
        if (live) {
            out.print(CLEAR);
            out.flush();
        } else {
            showThrough(false);
        }
    }

    /** {@return whether a person watches} */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 went back to the console that is null without a terminal
    static boolean isLive() {
        Console console = System.console();
        return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }
}
