package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.TestCase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The JVM that runs all tests that apply on one fault, each by itself, but for those that an earlier JVM came to. */
final class TrialMain {
    private TrialMain() {}

    /** Takes the id of the fault, the log and the seed. */
    public static void main(String[] args) throws IOException {
        run(Faults.all(), args);
    }

    /** Does it with other faults. */
    static void run(List<Fault> faults, String[] args) throws IOException {
        Fault fault = faults.stream()
                .filter(each -> each.id().equals(args[0]))
                .findFirst()
                .orElseThrow();
        TrialLog log = new TrialLog(Path.of(args[1]));
        Thread.ofPlatform().daemon().name("parent").start(TrialMain::endWithParent);
        long seed = Long.parseUnsignedLong(args[2]);
        Set<String> ended = log.ended();
        for (TestCase test : Trial.tests(fault.features())) {
            if (!ended.contains(test.id())) {
                log.started(test.id());
                run(fault, test, seed, log);
            }
        }
        log.done();
        Runtime.getRuntime().halt(0); // a fault may have left threads behind
    }

    /** The parent says nothing, but holds the other end for as long as it lives. */
    private static void endWithParent() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run(Fault fault, TestCase test, long seed, TrialLog log) throws IOException {
        Trial trial;
        try {
            trial = Trial.of(fault, List.of(test), seed);
        } catch (Throwable thrown) {
            // what the engines do not take for the failure of a test, as when the memory is full
            Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
            log.lost(test.id(), "threw " + cause.getClass().getSimpleName());
            return;
        }
        if (!trial.methods().contains(test.id())) {
            log.lost(test.id(), "did not run");
        } else if (trial.failed().contains(test.id())) {
            log.failed(test.id());
        } else {
            log.passed(
                    test.id(),
                    String.join(
                            "; ",
                            trial.failures().values().stream()
                                    .map(Throwable::toString)
                                    .toList()));
        }
    }
}
