package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.report.TestVerdict;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Certifies one subject after the other and sums up. */
final class Certification {
    private static final int TAIL = 20;

    /**
     * What shall be certified.
     *
     * @param label what to call it while it runs
     * @param provider its class
     * @param options the options that name it again
     */
    record Candidate(String label, String provider, List<String> options) {}

    private final PrintWriter out;
    private final PrintWriter err;
    private final List<Path> classPath;
    private final Duration patience;
    private final Order order;
    private final Path directory;
    private final WaiverDesk waivers;
    private final RuleCatalogue catalogue = RuleCatalogue.load();
    private final SummaryTable table = new SummaryTable();
    private final List<String> details = new ArrayList<>();
    private final List<String> unavailable = new ArrayList<>();
    private int judged;
    private int worst = ExitCode.CERTIFIED;

    Certification(
            PrintWriter out,
            PrintWriter err,
            List<Path> classPath,
            Duration patience,
            Order order,
            Path directory,
            WaiverDesk waivers) {
        this.out = out;
        this.err = err;
        this.classPath = classPath;
        this.patience = patience;
        this.order = order;
        this.directory = directory;
        this.waivers = waivers;
    }

    /** Says why a provider is left out, which is an error of whoever put it there. */
    void cannotBeNamed(String problem) {
        err.println("iova-bitmap: " + Printable.of(problem));
        worst = Math.max(worst, ExitCode.USAGE);
    }

    /**
     * Certifies.
     *
     * @param named whether somebody asked for these by name, so that unavailable is not good enough
     */
    int run(List<Candidate> candidates, boolean named) throws InterruptedException {
        // all old reports go first: none of them may be taken for one of this run, should it be cut short
        candidates.stream()
                .map(Candidate::label)
                .filter(ReportDirectory::isName)
                .forEach(this::prepare);
        for (Candidate candidate : candidates) {
            certify(candidate, named);
        }
        unavailable.stream().map(Printable::of).forEach(out::println);
        if (judged > 0) {
            table.print(out);
            out.println("Tier " + order.tier() + ": "
                    + Wording.ofTier(order.tier().toString()) + ". Specification " + catalogue.spec() + ". Seed "
                    + U64.toBigInteger(order.seed()) + ".");
        } else if (!unavailable.isEmpty()) {
            err.println("iova-bitmap: no backend works here, so nothing was certified");
            worst = Math.max(worst, ExitCode.NOT_CERTIFIED);
        }
        details.stream().map(Printable::of).forEach(out::println);
        waivers.leftOver().stream().map(Printable::of).forEach(out::println);
        out.flush();
        return worst;
    }

    private void certify(Candidate candidate, boolean named) throws InterruptedException {
        Progress progress = new Progress(out, Progress.isLive(), catalogue, order, candidate.label(), named);
        @Nullable ReportDirectory[] prepared = new @Nullable ReportDirectory[1];
        Runner.Result result;
        try {
            result = Runner.inChild(candidate.provider(), classPath, order, patience, event -> {
                if (event instanceof Event.Named name) {
                    prepared[0] = prepare(name.name());
                }
                progress.accept(event);
            });
        } catch (IOException failed) {
            throw new HarnessException("the child JVM cannot be started: " + failed.getMessage(), failed);
        } finally {
            progress.end();
        }
        Event.Unnamed unnamed = result.unnamed();
        if (unnamed != null && unnamed.failed()) {
            prepared[0] = prepare(ReportDirectory.nameOf(candidate.provider()));
        } else if (unnamed != null) {
            cannotBeNamed(unnamed.problem());
            return;
        }
        ReportDirectory report = prepared[0];
        if (report == null) {
            throw new HarnessException(
                    "the child JVM did not start: " + result.record().problems() + "\n" + result.output(),
                    new IllegalStateException());
        }
        Description description = result.record().description();
        if (!named && description != null && description.unavailable() != null) {
            unavailable.add(
                    description.name() + " is left out, because it is unavailable: " + description.unavailable());
            return;
        }
        String version = description == null ? "unknown" : description.version();
        Reports.Waived waived = waivers.waive(
                Judgement.of(catalogue, order, result.record(), new ReplayCommand(candidate.options())),
                report.name(),
                version);
        try {
            Reports.write(report, catalogue, order, candidate.provider(), result, waived);
        } catch (IOException failed) {
            throw new HarnessException(String.valueOf(failed.getMessage()), failed);
        }
        sumUp(result, waived, report);
    }

    private ReportDirectory prepare(String name) {
        try {
            return ReportDirectory.prepare(directory, name);
        } catch (IOException failed) {
            throw new HarnessException(String.valueOf(failed.getMessage()), failed);
        }
    }

    private void sumUp(Runner.Result result, Reports.Waived waived, ReportDirectory report) {
        Judgement judgement = waived.judgement();
        judged++;
        String name = report.name();
        Description description = result.record().description();
        table.add(name, description == null ? "unknown" : description.version(), judgement, report.path());
        for (Waiver waiver : waived.waivers()) {
            boolean used = judgement.waivedRules().contains(waiver.rule());
            details.add((used ? "" : "unused waiver: ") + waiver.line());
        }
        if (judgement.verdict() == Verdict.NOT_CERTIFIED) {
            worst = Math.max(worst, ExitCode.NOT_CERTIFIED);
        } else if (judgement.count(Status.FAIL) == 0) {
            return; // a SHOULD may fail, and is worth reading about
        }
        String verdict = Wording.of(judgement.verdict(), judgement.waivedRules());
        StringBuilder text = new StringBuilder("\n" + name + " is " + verdict + "\n");
        if (!judgement.failedRules().isEmpty()) {
            text.append("\n  Rules that failed, the most suspect first: ")
                    .append(String.join(", ", judgement.failedRules()))
                    .append('\n');
        }
        for (String problem : judgement.problems()) {
            text.append("\n  ").append(indent(problem)).append('\n');
        }
        for (TestVerdict test : judgement.failures()) {
            text.append("\n  ").append(indent(test.message())).append('\n');
        }
        judgement.rules().stream()
                .filter(rule -> rule.tests().isEmpty() && rule.status() == Status.NOT_RUN)
                .filter(rule -> judgement.problems().isEmpty())
                .forEach(rule -> text.append("\n  ")
                        .append(rule.rule().id())
                        .append(": ")
                        .append(rule.message()));
        details.add(text.toString() + tail(result));
    }

    static void printTail(PrintWriter out, Runner.Result result) {
        String tail = tail(result);
        if (!tail.isEmpty()) {
            out.print(tail);
        }
    }

    /** What a JVM said last is worth reading only if it did not come to its end. */
    private static String tail(Runner.Result result) {
        List<String> lines = result.output().lines().toList();
        if (result.record().complete() || lines.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("\n  the last of what it printed:\n");
        lines.stream()
                .skip(Math.max(0, lines.size() - TAIL))
                .forEach(line -> text.append("    ").append(line).append('\n'));
        return text.toString();
    }

    private static String indent(String text) {
        return text.replace("\n", "\n  ");
    }
}
