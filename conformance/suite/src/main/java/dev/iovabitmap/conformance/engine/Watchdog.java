package dev.iovabitmap.conformance.engine;

import java.time.Duration;
import java.util.function.Consumer;

/** Follows a run to its end; a run that falls silent ends as well. */
final class Watchdog {
    private static final Duration FOR_THREADS = Duration.ofSeconds(10);

    private Watchdog() {}

    static void follow(Source source, RunRecord record, Duration timeout, Consumer<Event> progress)
            throws InterruptedException {
        while (true) {
            Event event = source.next(timeout);
            if (event == null) {
                record.hung(threads(source), timeout);
                source.kill();
                return;
            }
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
