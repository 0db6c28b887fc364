package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Plan;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.Console;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Shows how a run goes on: a live line in a terminal, else a line when it begins and one for each group of rules. */
final class Progress implements Consumer<Event> {
    private static final int WIDTH = 79;

    private final PrintWriter out;
    private final boolean live;
    private final RuleCatalogue catalogue;
    private final Order order;
    private final String subject;

    private Map<String, String> groupOfTest = Map.of();
    private final Set<String> begun = new LinkedHashSet<>();
    private final Map<String, Integer> failures = new LinkedHashMap<>();
    private @Nullable String group;

    Progress(PrintWriter out, boolean live, RuleCatalogue catalogue, Order order, String subject) {
        this.out = out;
        this.live = live;
        this.catalogue = catalogue;
        this.order = order;
        this.subject = subject;
        show("starting");
    }

    @Override
    public void accept(Event event) {
        switch (event) {
            case Event.Described described -> {
                Map<String, String> groups = new LinkedHashMap<>();
                for (TestCase test : Plan.of(
                                catalogue, order, described.description().features())
                        .tests()) {
                    groups.put(test.id(), catalogue.rule(test.rules().get(0)).group());
                }
                groupOfTest = groups;
            }
            case Event.Started started -> started(started.test());
            case Event.Finished finished -> {
                if (finished.status() != Status.PASS) {
                    failures.merge(groupOfTest.getOrDefault(methodOf(finished.test()), ""), 1, Integer::sum);
                }
            }
            default -> {}
        }
    }

    private void started(String test) {
        String method = methodOf(test);
        begun.add(method);
        int failed = failures.values().stream().mapToInt(Integer::intValue).sum();
        if (live) {
            show(begun.size() + " of " + groupOfTest.size() + (failed == 0 ? "" : ", " + failed + " failed") + "  "
                    + test);
            return;
        }
        String now = groupOfTest.getOrDefault(method, "");
        if (!now.equals(group)) {
            group = now;
            show(begun.size() + " of " + groupOfTest.size() + (failed == 0 ? "" : ", " + failed + " failed") + "  "
                    + now);
        }
    }

    private void show(String what) {
        String line = subject + "  " + what;
        if (live) {
            out.print("\r\033[K" + (line.length() <= WIDTH ? line : line.substring(0, WIDTH)));
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Clears the live line. */
    void end() {
        if (live) {
            out.print("\r\033[K");
            out.flush();
        }
    }

    private static String methodOf(String test) {
        int bracket = test.indexOf('[');
        return bracket < 0 ? test : test.substring(0, bracket);
    }

    /** {@return whether a person watches} */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 went back to the console that is null without a terminal
    static boolean isLive() {
        Console console = System.console();
        return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }
}
