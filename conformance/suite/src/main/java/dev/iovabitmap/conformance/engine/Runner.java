package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs the suite on a provider, in a child JVM or in this one; everything else is the same. */
public final class Runner {
    /** How long the subject may have control in one call. It is no rule of the specification: only a hang takes this long. */
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * What ends a run before its time.
     *
     * @param patience how long the subject may have control in one call
     * @param losses how many tests may hang or end their JVM
     */
    public record Limits(Duration patience, int losses) {
        /** What counts if nobody says anything else. */
        public static final Limits DEFAULT = new Limits(PATIENCE, 10);
    }

    /** Crash logs of one run, together. */
    private static final int LARGEST_LOGS = 4 * 1024 * 1024;

    /**
     * A run and what it left behind.
     *
     * @param record what was heard of it
     * @param unnamed why the provider could not even be named, or null if it was
     * @param output the last of what the provider printed
     * @param crashLog the JVM's own account of its crash, or null
     */
    public record Result(
            RunRecord record,
            Event.@Nullable Unnamed unnamed,
            String output,
            @Nullable String crashLog) {}

    /**
     * A provider on the class path.
     *
     * @param provider its class
     * @param name its name
     * @param simulated whether its device can be simulated
     * @param transports the ways to its device
     */
    public record Listed(String provider, String name, boolean simulated, List<String> transports) {
        private static Listed of(Event.Found found) {
            return new Listed(found.provider(), found.name(), found.simulated(), found.transports());
        }
    }

    /**
     * The providers on the class path.
     *
     * @param found those that said their names, by name
     * @param unnamed the others
     */
    public record Listing(List<Listed> found, List<Event.Unnamed> unnamed) {}

    private Runner() {}

    /**
     * Returns the run of a class in a child JVM. After a test that hangs or ends its JVM another child goes on without it, as long
     * as the limit allows.
     */
    public static Result inChild(
            String provider, List<Path> classPath, Order order, Limits limits, Consumer<Event> progress)
            throws IOException, InterruptedException {
        RunRecord record = new RunRecord();
        StringBuilder output = new StringBuilder();
        StringBuilder crashLogs = new StringBuilder();
        Consumer<Event> listener = progress;
        List<String> begun = List.of();
        boolean goesOn = true;
        while (goesOn) {
            int losses = record.losses();
            try (ChildJvm child = new ChildJvm(ChildRequest.certify(provider, order, begun), classPath)) {
                new Watchdog(child, record, limits.patience(), listener, System::nanoTime).follow();
                boolean lost = record.losses() > losses;
                Event.Finished end = lost ? record.lost() : null;
                if (end != null) {
                    listener.accept(end);
                }
                String heading = lost ? record.heading() : losses > 0 ? "==== the last JVM ====\n" : "";
                String printed = child.output();
                output.append(printed.isEmpty() ? "" : heading + printed + "\n");
                String log = child.crashLog(LARGEST_LOGS - crashLogs.length());
                crashLogs.append(log == null ? "" : heading + log + "\n");
            }
            goesOn = goesOn(record, order, limits, begun);
            begun = record.begun();
            listener = event -> hearAgain(event, progress);
        }
        String log = crashLogs.isEmpty() ? null : crashLogs.toString();
        return new Result(record, firstOf(record.unnamed()), output.toString(), log);
    }

    /** Another child is worth it only if this one came further than the one before. */
    private static boolean goesOn(RunRecord record, Order order, Limits limits, List<String> begun) {
        if (record.complete()
                || record.isSilent()
                || record.description() == null
                || order.replay() != null
                || record.begun().size() == begun.size()) {
            return false;
        }
        if (record.losses() >= limits.losses()) {
            record.stop(record.losses() + " tests were lost, which is the limit, so nothing more was run");
            return false;
        }
        return true;
    }

    /** What a provider says of itself was heard from the first child. */
    private static void hearAgain(Event event, Consumer<Event> progress) {
        if (event instanceof Event.Started || event instanceof Event.Finished || event instanceof Event.Done) {
            progress.accept(event);
        }
    }

    /** {@return the run of a provider in this JVM, on a thread of its own} */
    public static Result inProcess(
            IovaBitmapProvider provider, Order order, Duration patience, Consumer<Event> progress)
            throws InterruptedException {
        RunRecord record = new RunRecord();
        new Watchdog(new InProcess(provider, order), record, patience, progress, System::nanoTime).follow();
        return new Result(record, firstOf(record.unnamed()), "", null);
    }

    /**
     * Returns the run of a class that has tests of its own to tell of, in a child JVM.
     *
     * @param main the class, which connects to its parent by {@link ParentJvm}
     * @param options of the JVM
     * @param arguments of the class
     */
    public static Result inChild(
            Class<?> main,
            List<String> options,
            List<String> arguments,
            List<Path> classPath,
            Duration patience,
            Consumer<Event> progress)
            throws IOException, InterruptedException {
        RunRecord record = new RunRecord();
        try (ChildJvm child = new ChildJvm(main, options, arguments, classPath)) {
            new Watchdog(child, record, patience, progress, System::nanoTime).follow();
            return new Result(record, null, child.output(), child.crashLog(LARGEST_LOGS));
        }
    }

    /** {@return a provider as a listing has it, or null if it does not answer; certifying it will say why} */
    public static @Nullable Listed ask(String provider, List<Path> classPath, Duration patience)
            throws IOException, InterruptedException {
        RunRecord record = new RunRecord();
        try (ChildJvm child = new ChildJvm(ChildRequest.ask(provider), classPath)) {
            new Watchdog(child, record, patience, event -> {}, System::nanoTime).follow();
        }
        return record.found().isEmpty() ? null : Listed.of(record.found().get(0));
    }

    /**
     * What a provider found on this host.
     *
     * @param name the provider's name, or that of its class if it did not say
     * @param findings what it found
     * @param problems why it did not come to its end, if it did not
     */
    public record Examined(String name, List<Finding> findings, List<String> problems) {}

    /** {@return what a provider finds on this host, in a child JVM: it may open devices} */
    public static Examined examine(
            String provider, List<Path> classPath, Map<String, String> options, Duration patience)
            throws IOException, InterruptedException {
        RunRecord record = new RunRecord();
        try (ChildJvm child = new ChildJvm(ChildRequest.examine(provider, options), classPath)) {
            new Watchdog(child, record, patience, event -> {}, System::nanoTime).follow();
        }
        String name = record.name();
        return new Examined(name == null ? provider : name, record.findings(), record.problems());
    }

    /** {@return the providers on the class path, asked in children; one that kills its JVM hides no other} */
    public static Listing list(List<Path> classPath, Duration patience) throws IOException, InterruptedException {
        List<Listed> found = new ArrayList<>();
        List<Event.Unnamed> unnamed = new ArrayList<>();
        List<String> known = new ArrayList<>();
        while (true) {
            RunRecord record = new RunRecord();
            String output;
            try (ChildJvm child = new ChildJvm(ChildRequest.list(known), classPath)) {
                new Watchdog(child, record, patience, event -> {}, System::nanoTime).follow();
                output = child.output();
            }
            for (Event.Found one : record.found()) {
                found.add(Listed.of(one));
                known.add(one.provider());
            }
            for (Event.Unnamed one : record.unnamed()) {
                unnamed.add(one);
                known.add(one.provider());
            }
            if (record.complete()) {
                found.sort((left, right) -> left.name().compareTo(right.name()));
                return new Listing(found, unnamed);
            }
            if (record.found().isEmpty() && record.unnamed().isEmpty()) {
                throw new IOException(
                        "the child JVM that lists the backends failed: " + record.problems() + "\n" + output);
            }
        }
    }

    private static Event.@Nullable Unnamed firstOf(List<Event.Unnamed> unnamed) {
        return unnamed.isEmpty() ? null : unnamed.get(0);
    }
}
