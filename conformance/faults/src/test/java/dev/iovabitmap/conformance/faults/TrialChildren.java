package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.RunRecord;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.Status;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs all tests on faults, in JVMs of their own: some faults read freed memory, and may end their JVM, or never return. What was
 * found is in a file for each fault, so that a run that is interrupted goes on where it was.
 *
 * @param directory where the files are
 * @param main the class that runs the tests, as {@link TrialMain} does
 * @param seed the seed
 * @param patience how long a fault may have control in one call: it is no rule, only a hang takes this long
 */
record TrialChildren(Path directory, Class<?> main, long seed, Duration patience) {
    private static final List<String> OPTIONS = List.of("-Xmx2g", "-XX:+UseSerialGC");

    private static final List<Path> CLASS_PATH = Stream.of(
                    System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(Path::of)
            .toList();

    /** {@return what the tests made of a fault} */
    TrialLog run(Fault fault) throws IOException, InterruptedException {
        Path file = directory.resolve(fault.id() + ".log");
        TrialLog log = new TrialLog(file);
        List<String> arguments = List.of(fault.id(), file.toString(), Long.toUnsignedString(seed));
        while (!log.isDone()) {
            Runner.Result result =
                    Runner.inChild(main, OPTIONS, arguments, CLASS_PATH, patience, event -> write(event, log));
            RunRecord record = result.record();
            Event.Finished lost = record.lost();
            if (record.complete()) {
                log.done();
            } else if (lost != null) {
                log.lost(lost.test(), lost.status() == Status.FAIL ? "did not return" : lost.message());
            } else {
                throw new IOException(
                        "the JVM for " + fault.id() + " is of no use: " + record.problems() + "\n" + result.output());
            }
        }
        return log;
    }

    private static void write(Event event, TrialLog log) {
        try {
            switch (event) {
                case Event.Started started -> log.started(started.test());
                case Event.Finished finished -> write(finished, log);
                default -> {}
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void write(Event.Finished finished, TrialLog log) throws IOException {
        switch (finished.status()) {
            case PASS -> log.passed(finished.test(), finished.message());
            case FAIL -> log.failed(finished.test());
            default -> log.lost(finished.test(), finished.message());
        }
    }
}
