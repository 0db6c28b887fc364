package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.ReplayToken;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.TestVerdict;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Runs one test once more and prints what becomes of it. */
record Replay(PrintWriter out, PrintWriter err, List<Path> classPath, Runner.Limits limits, ReplayCommand command) {
    int run(String className, Order order) throws InterruptedException {
        Runner.Result result;
        try {
            result = Runner.inChild(className, classPath, order, limits, event -> {});
        } catch (IOException failed) {
            throw new HarnessException("the child JVM cannot be started: " + failed.getMessage(), failed);
        }
        Event.Unnamed unnamed = result.unnamed();
        if (unnamed != null && !unnamed.failed()) {
            throw new UsageException(unnamed.problem());
        }
        ReplayToken token = Objects.requireNonNull(order.replay());
        Judgement judgement = Judgement.of(RuleCatalogue.load(), order, result.record(), command);
        TestVerdict verdict = judgement.tests().stream()
                .filter(test -> test.test().id().equals(token.test()))
                .findFirst()
                .orElse(null);
        if (verdict == null) {
            return notRun(result, token, judgement);
        }
        boolean ran = !result.record().outcomes().isEmpty();
        if (!ran && judgement.problems().isEmpty()) {
            throw new UsageException("'" + token + "' names an invocation that does not exist");
        }
        out.println(token + " " + Wording.of(verdict.status()));
        if (verdict.status() != Status.PASS) {
            out.println();
            out.println(Printable.of(verdict.message()));
        }
        judgement.problems().stream().map(Printable::of).forEach(out::println);
        Certification.printTail(out, result);
        out.flush();
        return verdict.status() == Status.PASS && judgement.problems().isEmpty()
                ? ExitCode.CERTIFIED
                : ExitCode.NOT_CERTIFIED;
    }

    private int notRun(Runner.Result result, ReplayToken token, Judgement judgement) {
        Description description = result.record().description();
        if (description != null && description.unavailable() == null) {
            throw new UsageException("'" + token + "' does not apply to " + description.name() + ", whose features are "
                    + description.features());
        }
        judgement.problems().stream().map(Printable::of).forEach(err::println);
        return ExitCode.NOT_CERTIFIED;
    }
}
