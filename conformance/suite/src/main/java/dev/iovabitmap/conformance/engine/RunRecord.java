package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that was heard of a run, whichever way it ended. */
public final class RunRecord {
    /**
     * What became of a test method or one invocation of it.
     *
     * @param status the status
     * @param message why, empty for a test that passed
     */
    public record Outcome(Status status, String message) {}

    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<Event.Found> found = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Event.Unnamed> unnamed = new ArrayList<>();
    private Event.@Nullable Stage stage;
    private @Nullable String running;
    private @Nullable String name;
    private @Nullable Description description;
    private final StringBuilder threads = new StringBuilder();
    private int losses;
    private boolean silent;
    private Event.@Nullable Finished lost;
    private boolean complete;

    RunRecord() {}

    void add(Event event) {
        switch (event) {
            case Event.Stage at -> stage = at;
            case Event.Found one -> found.add(one);
            case Event.Examined examined -> findings.addAll(examined.findings());
            case Event.Unnamed one -> {
                unnamed.add(one);
                problems.add(one.problem());
            }
            case Event.Named named -> name = named.name();
            case Event.Described described -> describe(described.description());
            case Event.Faulty faulty -> problems.add(faulty.problem());
            case Event.Started started -> {
                finishAs(Status.ERROR, "ended without a result");
                running = started.test();
            }
            case Event.Finished finished -> {
                outcomes.put(finished.test(), new Outcome(finished.status(), finished.message()));
                running = null;
            }
            case Event.Broken broken -> problems.add(broken.problem());
            case Event.Done done -> {
                finishAs(Status.ERROR, "ended without a result");
                complete = true;
            }
            case Event.CutShort cut -> {
                problems.add(cut.problem());
                lose(Status.ERROR, "", "ended without a result");
            }
            case Event.Ended ended ->
                lose(
                        Status.ERROR,
                        "",
                        ended.crashed() ? "crashed the JVM" : "ended the JVM with exit status " + ended.exitStatus());
            case Event.Looked look -> {}
            case Event.Threads dump -> {}
        }
    }

    /** A run that goes on in another JVM has to be of the same provider. */
    private void describe(Description now) {
        if (description == null) {
            description = now;
        } else if (!description.equals(now)) {
            problems.add("the provider describes itself as " + Printable.brief(now.toString()) + " now, and before as "
                    + Printable.brief(description.toString()));
        }
    }

    /** A call has had control for too long: that is the subject's failure. */
    void hung(String call, Duration limit, String dump) {
        lose(Status.FAIL, call, "did not return for " + limit.toSeconds() + " s");
        attach(dump);
    }

    /** The JVM works and does not answer: nobody knows whose failure that is. */
    void unanswered(String dump) {
        lose(
                Status.ERROR,
                "",
                "ended without a result: the JVM works and does not answer, as if native code kept it from a safepoint");
        attach(dump);
    }

    /** Nothing moves, and nothing is to blame for it. */
    void silent(Duration time, String dump) {
        silent = true;
        lose(
                Status.ERROR,
                "",
                "ended without a result: for " + time.toSeconds()
                        + " s there was no sign of life, and no call of the provider to blame");
        attach(dump);
    }

    /** Nothing more is tried. */
    void stop(String why) {
        problems.add(why);
    }

    private void attach(String dump) {
        threads.append(heading()).append(Printable.of(dump)).append('\n');
    }

    /** {@return a line that says what was lost last, for what is attached about it} */
    String heading() {
        return "==== " + (problems.isEmpty() ? "the run" : problems.getLast()) + " ====\n";
    }

    private void lose(Status status, String call, String what) {
        losses++;
        String how = call.isEmpty() ? what : call + " " + what;
        lost = running == null ? null : new Event.Finished(running, status, how);
        if (running != null) {
            problems.add(running + rulesOf(running) + (call.isEmpty() ? " " : ": ") + how);
            finishAs(status, how);
        } else if (description == null && stage != null && !stage.provider().isEmpty()) {
            String problem = stage.what() + " of class '" + Printable.of(stage.provider()) + "' " + what;
            problems.add(problem);
            if (name == null) {
                unnamed.add(new Event.Unnamed(stage.provider(), problem, true));
            }
        } else {
            problems.add((stage == null ? "before it began, " : "between two tests, ")
                    + (call.isEmpty() ? "the run " : call + " ")
                    + what);
        }
    }

    private static String rulesOf(String test) {
        return TestCatalogue.all().stream()
                .filter(each -> each.id().equals(TestCase.methodOf(test)))
                .map(each -> " (" + String.join(", ", each.rules()) + ")")
                .findFirst()
                .orElse("");
    }

    private void finishAs(Status status, String message) {
        if (running != null) {
            outcomes.putIfAbsent(running, new Outcome(status, message));
            running = null;
        }
    }

    /** {@return what became of each test or invocation that was started, in that order} */
    public Map<String, Outcome> outcomes() {
        return Collections.unmodifiableMap(outcomes);
    }

    /** {@return what went wrong with the run as a whole, in sentences} */
    public List<String> problems() {
        return Collections.unmodifiableList(problems);
    }

    /** {@return the providers found on the class path, if that was asked for} */
    List<Event.Found> found() {
        return found;
    }

    /** {@return what the provider found on this host, if that was asked for} */
    List<Finding> findings() {
        return findings;
    }

    /** {@return the classes that could not say their name} */
    List<Event.Unnamed> unnamed() {
        return unnamed;
    }

    /** {@return the provider's name, or null if it never said a valid one} */
    public @Nullable String name() {
        return name;
    }

    /** {@return what the provider said of itself, or null if it did not say all} */
    public @Nullable Description description() {
        return description;
    }

    /** {@return all stacks at the time of each hang, under what hung; null if nothing did} */
    public @Nullable String threads() {
        return threads.isEmpty() ? null : threads.toString();
    }

    /** {@return how often a JVM was lost to a hang or an end of its own} */
    public int losses() {
        return losses;
    }

    /** {@return the end of the test that was lost last, or null if that was between two tests} */
    public Event.@Nullable Finished lost() {
        return lost;
    }

    /** {@return whether the run was ended because nothing moved any more, which another JVM would not change} */
    boolean isSilent() {
        return silent;
    }

    /** {@return the test methods that were begun} */
    List<String> begun() {
        return outcomes.keySet().stream().map(TestCase::methodOf).distinct().toList();
    }

    /** {@return whether the run came to its end by itself} */
    public boolean complete() {
        return complete;
    }
}
