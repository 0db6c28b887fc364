package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.ParentJvm;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The JVM that runs all tests that apply on one fault, each by itself, but for those that an earlier JVM came to. */
final class TrialMain {
    private TrialMain() {}

    /** Takes the id of the fault, the log of what is known of it, and the seed. */
    public static void main(String[] args) throws IOException {
        run(Faults.all(), args);
    }

    /** Does it with other faults. */
    static void run(List<Fault> faults, String[] args) throws IOException {
        Fault fault = faults.stream()
                .filter(each -> each.id().equals(args[0]))
                .findFirst()
                .orElseThrow();
        ParentJvm parent = ParentJvm.connect();
        parent.answer();
        long seed = Long.parseUnsignedLong(args[2]);
        Set<String> ended = new TrialLog(Path.of(args[1])).ended();
        for (TestCase test : Trial.tests(fault.features())) {
            if (!ended.contains(test.id())) {
                parent.tell(new Event.Started(test.id()));
                parent.tell(run(fault, test, seed));
            }
        }
        parent.tell(new Event.Done());
        Runtime.getRuntime().halt(0); // a fault may have left threads behind
    }

    private static Event.Finished run(Fault fault, TestCase test, long seed) {
        Trial trial;
        try {
            trial = Trial.of(fault, List.of(test), seed);
        } catch (Throwable thrown) {
            // what the engines do not take for the failure of a test, as when the memory is full
            Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
            return new Event.Finished(
                    test.id(), Status.ERROR, "threw " + cause.getClass().getSimpleName());
        }
        if (!trial.methods().contains(test.id())) {
            return new Event.Finished(test.id(), Status.ERROR, "did not run");
        }
        if (trial.failed().contains(test.id())) {
            return new Event.Finished(test.id(), Status.FAIL, "");
        }
        String remarks =
                trial.failures().values().stream().map(Throwable::toString).collect(Collectors.joining("; "));
        return new Event.Finished(test.id(), Status.PASS, remarks);
    }
}
