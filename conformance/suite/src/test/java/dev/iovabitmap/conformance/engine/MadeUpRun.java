package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.function.Function;

/** A run that never was: what a report says does not depend on who was tested. */
public final class MadeUpRun {
    private MadeUpRun() {}

    /** {@return a run of every test that the order and the features call for, each with the status that a function gives it} */
    public static Runner.Result of(Order order, Description description, Function<String, Status> status) {
        RunRecord record = new RunRecord();
        record.add(new Event.Named(description.name()));
        record.add(new Event.Described(description));
        for (TestCase test :
                Plan.of(RuleCatalogue.load(), order, description.features()).tests()) {
            Status given = status.apply(test.id());
            record.add(new Event.Started(test.id()));
            record.add(new Event.Finished(test.id(), given, given == Status.PASS ? "" : "because"));
        }
        record.add(new Event.Done());
        return new Runner.Result(record, null, "", null);
    }
}
