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
    private @Nullable String threads;
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
            case Event.Described described -> description = described.description();
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
            case Event.Ended ended ->
                stopped(
                        Status.ERROR,
                        ended.crashed() ? "crashed the JVM" : "ended the JVM with exit status " + ended.exitStatus());
            case Event.Threads dump -> {}
        }
    }

    void hung(String dump, Duration timeout) {
        threads = Printable.of(dump);
        stopped(Status.FAIL, "did not return");
        problems.add("there was no progress for " + timeout.toSeconds() + " s, so the run was ended");
    }

    private void stopped(Status status, String what) {
        if (running != null) {
            problems.add(running + " " + what);
            finishAs(status, what);
        } else if (description == null && stage != null && !stage.provider().isEmpty()) {
            String problem = stage.what() + " of class '" + Printable.of(stage.provider()) + "' " + what;
            problems.add(problem);
            if (name == null) {
                unnamed.add(new Event.Unnamed(stage.provider(), problem, true));
            }
        } else {
            problems.add("the run " + what + (stage == null ? " before it began" : " between two tests"));
        }
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

    /** {@return all stacks at the time of a hang, or null} */
    public @Nullable String threads() {
        return threads;
    }

    /** {@return whether the run came to its end by itself} */
    public boolean complete() {
        return complete;
    }
}
