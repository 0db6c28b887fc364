package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.SimulatedReport;
import dev.iovabitmap.conformance.certificate.Trust;
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
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
     * @param order what shall be run on it
     */
    record Candidate(String label, String provider, List<String> options, Order order) {
        /** {@return what to call it while it runs, which is what its report will be called} */
        String subject() {
            return order.subjectOf(label);
        }
    }

    /**
     * What counts besides the rules.
     *
     * @param simulated where the simulated reports are that others rest on
     * @param trust whose simulated reports are believed
     * @param required whether a device that is absent is a failure
     */
    record Demands(Path simulated, Trust trust, boolean required) {}

    private final PrintWriter out;
    private final PrintWriter err;
    private final List<Path> classPath;
    private final Runner.Limits limits;
    private final long seed;
    private final Demands demands;
    private final Path directory;
    private final WaiverDesk waivers;
    private final RuleCatalogue catalogue = RuleCatalogue.load();
    private final SummaryTable table = new SummaryTable();
    private final List<String> details = new ArrayList<>();
    private final List<String> unavailable = new ArrayList<>();
    private final Set<Tier> tiers = new TreeSet<>();
    private int judged;
    private int worst = ExitCode.CERTIFIED;

    Certification(
            PrintWriter out,
            PrintWriter err,
            List<Path> classPath,
            Runner.Limits limits,
            long seed,
            Demands demands,
            Path directory,
            WaiverDesk waivers) {
        this.out = out;
        this.err = err;
        this.classPath = classPath;
        this.limits = limits;
        this.seed = seed;
        this.demands = demands;
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
                .map(Candidate::subject)
                .filter(ReportDirectory::isName)
                .forEach(this::prepare);
        for (Candidate candidate : candidates) {
            certify(candidate, named);
        }
        unavailable.stream().map(Printable::of).forEach(out::println);
        if (judged > 0) {
            table.print(out);
            for (Tier tier : tiers) {
                out.println("Tier " + tier + ": " + Wording.ofTier(tier.toString()) + ".");
            }
            out.println("Specification " + catalogue.spec() + ". Seed " + U64.toBigInteger(seed) + ".");
        } else if (!unavailable.isEmpty()) {
            err.println("iova-bitmap: nothing could be tried here, so nothing was certified");
            worst = Math.max(worst, ExitCode.NOT_CERTIFIED);
        }
        details.stream().map(Printable::of).forEach(out::println);
        waivers.leftOver().stream().map(Printable::of).forEach(out::println);
        out.flush();
        return worst;
    }

    private void certify(Candidate candidate, boolean named) throws InterruptedException {
        Order order = candidate.order();
        Progress progress = new Progress(out, Progress.isLive(), catalogue, order, candidate.subject(), named);
        @Nullable ReportDirectory[] prepared = new @Nullable ReportDirectory[1];
        Runner.Result result;
        try {
            result = Runner.inChild(candidate.provider(), classPath, order, limits, event -> {
                if (event instanceof Event.Named name) {
                    prepared[0] = prepare(order.subjectOf(name.name()));
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
            prepared[0] = prepare(order.subjectOf(ReportDirectory.nameOf(candidate.provider())));
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
        if (description != null && description.unavailable() != null && isSkipped(order, named)) {
            unavailable.add(report.name() + " is left out, because it is unavailable: " + description.unavailable()
                    + skip(order));
            return;
        }
        Judgement judgement = Judgement.of(catalogue, order, result.record(), new ReplayCommand(candidate.options()));
        SimulatedReport simulated = SimulatedReport.of(demands.simulated(), demands.trust(), order, description);
        if (simulated.problem() != null) {
            judgement = judgement.refused(simulated.problem());
        }
        Reports.Waived waived = description == null
                ? waivers.waive(judgement, order.providerOf(report.name()), "unknown")
                : waivers.waive(judgement, description.name(), description.version());
        try {
            Reports.write(report, catalogue, order, candidate.provider(), result, waived, simulated.sha256());
        } catch (IOException failed) {
            throw new HarnessException(String.valueOf(failed.getMessage()), failed);
        }
        sumUp(result, order, waived, report);
    }

    /** A device may be absent, and that is no failure unless somebody says so; a backend that was named may not. */
    private boolean isSkipped(Order order, boolean named) {
        return order.tier() == Tier.MEMORY ? !named : !demands.required();
    }

    private static String skip(Order order) {
        return order.tier() == Tier.MEMORY ? "" : ". That is a skip, not a pass; with --required it is a failure";
    }

    private ReportDirectory prepare(String name) {
        try {
            return ReportDirectory.prepare(directory, name);
        } catch (IOException failed) {
            throw new HarnessException(String.valueOf(failed.getMessage()), failed);
        }
    }

    private void sumUp(Runner.Result result, Order order, Reports.Waived waived, ReportDirectory report) {
        Judgement judgement = waived.judgement();
        judged++;
        tiers.add(order.tier());
        String name = report.name();
        Description description = result.record().description();
        table.add(
                name, description == null ? "unknown" : description.version(), order.tier(), judgement, report.path());
        for (Waiver waiver : waived.waivers()) {
            boolean used = judgement.waivedRules().contains(waiver.rule());
            details.add(name + ": " + (used ? "" : "unused waiver: ") + waiver.line());
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

    /** What a JVM said last is worth reading only if one did not come to its end. */
    private static String tail(Runner.Result result) {
        List<String> lines = result.output().lines().toList();
        if (result.record().losses() == 0 || lines.isEmpty()) {
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
