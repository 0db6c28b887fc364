package dev.iovabitmap.conformance.engine;

import java.time.Duration;
import java.util.function.Consumer;

/** Follows a run to its end; a run that falls silent ends as well. */
final class Watchdog {
    private static final Duration FOR_THREADS = Duration.ofSeconds(10);

    private Watchdog() {}

    static void follow(Source source, RunRecord record, Duration timeout, Consumer<Event> progress)
            throws InterruptedException {
        // a child takes its time to come up on a busy machine, and no provider has had a say by then
        Duration patience = timeout.compareTo(Runner.PATIENCE) < 0 ? Runner.PATIENCE : timeout;
        while (true) {
            Event event = source.next(patience);
            if (event == null) {
                record.hung(threads(source), patience);
                source.kill();
                return;
            }
            patience = timeout;
            record.add(event);
            progress.accept(event);
            if (event instanceof Event.Done || event instanceof Event.Ended) {
                return;
            }
        }
    }

    private static String threads(Source source) throws InterruptedException {
        source.askForThreads();
        while (true) {
            Event event = source.next(FOR_THREADS);
            if (event instanceof Event.Threads threads) {
                return threads.dump();
            }
            if (event == null || event instanceof Event.Ended) {
                return "The JVM did not answer when it was asked for its stacks; it may hang in native code or in the collector.\n";
            }
        }
    }
}
