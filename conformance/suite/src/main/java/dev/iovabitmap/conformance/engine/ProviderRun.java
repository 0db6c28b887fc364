package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A whole run in this JVM: questions first, then the tests that apply. */
final class ProviderRun {
    private ProviderRun() {}

    /**
     * Runs it.
     *
     * @param skip the tests to leave out
     */
    static void run(IovaBitmapProvider provider, Order order, List<String> skip, Consumer<Event> out) {
        Description description = new ProviderProbe(out).describe(provider, order);
        if (description != null) {
            out.accept(new Event.Described(description));
            if (description.unavailable() == null && !runTests(provider, order, skip, description, out)) {
                return;
            }
        }
        out.accept(new Event.Done());
    }

    /** {@return whether the tests came to their end} */
    private static boolean runTests(
            IovaBitmapProvider provider, Order order, List<String> skip, Description description, Consumer<Event> out) {
        Plan plan = Plan.of(RuleCatalogue.load(), order, description.features());
        Sender sender = new Sender(out);
        Hardware hardware = order.tier() == Tier.MEMORY
                ? Hardware.NONE
                : new Hardware(order.hardwareOptions(), description.variants());
        ReplayToken replay = order.replay();
        try {
            if (replay == null) {
                List<TestCase> tests = plan.tests().stream()
                        .filter(test -> !skip.contains(test.id()))
                        .toList();
                SuiteRun.execute(tests, provider, order.seed(), hardware, sender);
            } else if (plan.tests().contains(replay.testCase())) {
                SuiteRun.replay(replay, provider, hardware, sender);
            }
        } catch (Throwable thrown) {
            // what the engines do not take for the failure of a test: the JVM is out of memory, or an engine is broken
            out.accept(new Event.CutShort("the run was cut short: " + Failures.textOf(thrown)));
            return false;
        }
        return true;
    }

    private record Sender(Consumer<Event> out) implements RunListener {
        @Override
        public void started(String testId) {
            out.accept(new Event.Started(testId));
        }

        @Override
        public void finished(String testId, @Nullable Throwable failure) {
            out.accept(new Event.Finished(testId, Failures.statusOf(failure), Failures.textOf(failure)));
        }

        @Override
        public void broken(String what, @Nullable Throwable cause) {
            out.accept(new Event.Broken(cause == null ? what : what + ": " + Failures.textOf(cause)));
        }
    }
}
