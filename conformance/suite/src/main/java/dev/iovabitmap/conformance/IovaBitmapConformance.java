package dev.iovabitmap.conformance;

import dev.iovabitmap.conformance.certificate.SimulatedReport;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.ReplayToken;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.report.RuleVerdict;
import dev.iovabitmap.conformance.report.TestVerdict;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.conformance.waiver.Waivers;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * The conformance suite in a vendor's own build: extend this class, say which provider it is, and run the tests.
 *
 * <pre>{@code
 * class AcmeConformanceTest extends IovaBitmapConformance {
 *     @Override
 *     protected IovaBitmapProvider provider() {
 *         return new AcmeProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>It runs the same tests as {@code iova-bitmap certify}, comes to the same verdict and writes the same report, in this JVM,
 * where a debugger and a coverage agent see it. A rule that speaks of a feature the provider lacks shows as skipped.
 *
 * <p>System properties: {@code iova-bitmap.seed} fixes the seed, an unsigned number; {@code iova-bitmap.replay} runs the one
 * test that a failure named, and writes no report; {@code iova-bitmap.waivers} names a file of waivers, as {@code certify} takes
 * it, by which failures are accepted for a time: they show as skipped, and the verdict is CERTIFIED WITH WAIVERS at best.
 */
public abstract class IovaBitmapConformance {
    /** For subclasses. */
    protected IovaBitmapConformance() {}

    /** {@return the provider to test} */
    protected abstract IovaBitmapProvider provider();

    /**
     * Returns what names the device that stands behind the provider. Override it to certify a provider with the feature
     * {@link dev.iovabitmap.spi.Feature#HARDWARE} at another tier than memory: {@code tier} is {@code simulated}, {@code kernel}
     * or {@code hardware}; {@code transport} is one of {@link IovaBitmapProvider#transports}; all of it goes to
     * {@link IovaBitmapProvider#hardware}. A class for each transport makes a report for each.
     *
     * @return by default nothing, which is tier memory: no device
     */
    protected Map<String, String> hardwareOptions() {
        return Map.of();
    }

    /**
     * Returns where the report goes, into a directory that is named as the provider.
     *
     * @return by default {@code certification} under {@code target}, or under the working directory if that has no target
     */
    protected Path reportDirectory() {
        Path target = Path.of("target");
        return (Files.isDirectory(target) ? target : Path.of("")).resolve("certification");
    }

    /**
     * Returns how long the provider may have control in one call before that counts as hanging: CPU time while it runs, time on
     * the clock while it waits. A thread that hangs cannot be ended, so nothing more of the suite runs in this JVM then.
     *
     * @return by default two minutes
     */
    protected Duration patience() {
        return Runner.PATIENCE;
    }

    /**
     * Runs the suite.
     *
     * @return a container for each group of rules, with one for each rule, with its tests; and the verdict
     * @throws InterruptedException if the thread is interrupted
     */
    @TestFactory
    final Stream<DynamicNode> conformance() throws InterruptedException {
        RuleCatalogue catalogue = RuleCatalogue.load();
        String replay = System.getProperty("iova-bitmap.replay", "");
        if (!replay.isEmpty()) {
            return Stream.of(replayed(catalogue, ReplayToken.parse(replay)));
        }
        Order order = order();
        LocalDate today = Waivers.today();
        List<Waiver> waivers = waivers(catalogue, today);
        IovaBitmapProvider provider = provider();
        ReportDirectory[] report = new ReportDirectory[1];
        Runner.Result result = Runner.inProcess(provider, order, patience(), event -> {
            if (event instanceof Event.Named named) {
                report[0] = prepare(order.subjectOf(named.name()));
            }
        });
        Event.Unnamed unnamed = result.unnamed();
        if (unnamed != null && unnamed.failed()) {
            report[0] = prepare(
                    order.subjectOf(ReportDirectory.nameOf(provider.getClass().getName())));
        }
        Judgement judgement = Judgement.of(catalogue, order, result.record(), this::replayCommand);
        Description description = result.record().description();
        SimulatedReport simulated = SimulatedReport.of(reportDirectory(), trust(today), order, description);
        Judgement refused = simulated.problem() == null ? judgement : judgement.refused(simulated.problem());
        List<Waiver> granted = waivers.stream()
                .filter(waiver -> description != null && waiver.covers(description.name(), description.version()))
                .toList();
        Judgement judged = refused.waive(catalogue, granted);
        if (report[0] != null) {
            Reports.Waived waived = new Reports.Waived(judged, granted, today);
            write(report[0], catalogue, order, provider, result, waived, simulated);
        }
        List<DynamicNode> nodes = new ArrayList<>(groups(judged));
        nodes.add(DynamicTest.dynamicTest("verdict", () -> {
            String sentence = unnamed != null && !unnamed.failed() ? unnamed.problem() : verdict(judged, report[0]);
            if (judged.verdict() == Verdict.NOT_CERTIFIED) {
                throw new AssertionFailedError(sentence);
            }
        }));
        return nodes.stream();
    }

    private Order order() {
        Map<String, String> options = new LinkedHashMap<>(hardwareOptions());
        String name = options.remove("tier");
        Tier tier = Tier.MEMORY;
        if (name != null) {
            tier = Stream.of(Tier.values())
                    .filter(each -> each.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "tier '" + name + "' is none of memory, simulated, kernel and hardware"));
        }
        if (tier == Tier.MEMORY && !options.isEmpty()) {
            throw new IllegalArgumentException("hardwareOptions() names a device but no tier: " + options);
        }
        return Order.certify(tier, options, seed());
    }

    /** The token has the tier and the transport; what else names the device is still here. */
    private Map<String, String> options(ReplayToken token) {
        Map<String, String> options = new LinkedHashMap<>(hardwareOptions());
        options.remove("tier");
        return token.tier() == Tier.MEMORY ? Map.of() : options;
    }

    private DynamicNode replayed(RuleCatalogue catalogue, ReplayToken token) throws InterruptedException {
        Order order = Order.replay(token, options(token));
        Runner.Result result = Runner.inProcess(provider(), order, patience(), event -> {});
        Judgement judgement = Judgement.of(catalogue, order, result.record(), this::replayCommand);
        TestVerdict verdict = judgement.tests().stream()
                .filter(test -> test.test().id().equals(token.test()))
                .findFirst()
                .orElse(null);
        return DynamicTest.dynamicTest(token.toString(), () -> {
            if (verdict == null) {
                Description description = result.record().description();
                throw new AssertionFailedError(
                        description == null || description.unavailable() != null
                                ? String.join("\n", judgement.problems())
                                : "'" + token + "' does not apply to a provider with the features "
                                        + description.features());
            }
            if (verdict.status() != Status.PASS) {
                throw new AssertionFailedError(verdict.message());
            }
        });
    }

    private static List<DynamicNode> groups(Judgement judgement) {
        Map<String, List<DynamicNode>> groups = new LinkedHashMap<>();
        for (RuleVerdict rule : judgement.rules()) {
            groups.computeIfAbsent(rule.rule().group(), group -> new ArrayList<>())
                    .add(node(rule));
        }
        List<DynamicNode> nodes = new ArrayList<>();
        groups.forEach((group, rules) -> nodes.add(DynamicContainer.dynamicContainer(group, rules)));
        return nodes;
    }

    private static DynamicNode node(RuleVerdict rule) {
        String name = rule.rule().id() + " " + rule.rule().text();
        Stream<DynamicNode> tests = rule.tests().isEmpty()
                ? Stream.of(test(rule.status().name(), rule.status(), rule.message()))
                : rule.tests().stream().map(test -> test(test.test().id(), statusIn(rule, test), test.message()));
        return DynamicContainer.dynamicContainer(name, tests);
    }

    /** The same test may belong to another rule too, which is not waived. */
    private static Status statusIn(RuleVerdict rule, TestVerdict test) {
        return rule.status() == Status.WAIVED && test.status() == Status.FAIL ? Status.WAIVED : test.status();
    }

    private static DynamicNode test(String name, Status status, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            switch (status) {
                case PASS -> {}
                case NOT_SUPPORTED, WAIVED -> throw new TestAbortedException(message);
                case FAIL, ERROR, NOT_RUN -> throw new AssertionFailedError(message);
            }
        });
    }

    private static String verdict(Judgement judgement, @Nullable ReportDirectory report) {
        StringBuilder text = new StringBuilder("NOT CERTIFIED: ");
        text.append(judgement.count(Status.FAIL)).append(" rules failed, ");
        text.append(judgement.count(Status.ERROR) + judgement.count(Status.NOT_RUN));
        text.append(" could not be judged, ")
                .append(judgement.count(Status.PASS))
                .append(" passed");
        judgement.problems().forEach(problem -> text.append('\n').append(problem));
        return report == null ? text.toString() : text + "\nreport: " + report.path();
    }

    /** By its whole name, and without the tests that a vendor may have beside it: that failure and no other. */
    private String replayCommand(String token) {
        return "mvn test '-Dtest=" + getClass().getName() + "#conformance' '-Diova-bitmap.replay=" + token + "'";
    }

    private static List<Waiver> waivers(RuleCatalogue catalogue, LocalDate today) {
        String file = System.getProperty("iova-bitmap.waivers", "");
        if (file.isEmpty()) {
            return List.of();
        }
        try {
            return Waivers.read(Path.of(file), catalogue, today);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("iova-bitmap.waivers '" + file + "': " + wrong.getMessage(), wrong);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("iova-bitmap.waivers '" + file + "' cannot be read", unreadable);
        }
    }

    private static long seed() {
        String seed = System.getProperty("iova-bitmap.seed", "");
        if (seed.isEmpty()) {
            return Order.anySeed();
        }
        if (!seed.matches("[0-9]{1,20}") || new BigInteger(seed).bitLength() > Long.SIZE) {
            throw new IllegalArgumentException("iova-bitmap.seed '" + seed + "' is no unsigned 64-bit number");
        }
        return U64.fromBigInteger(new BigInteger(seed));
    }

    private static Trust trust(LocalDate today) {
        try {
            return Trust.here(Set.of(), today);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private ReportDirectory prepare(String name) {
        try {
            return ReportDirectory.prepare(reportDirectory().toAbsolutePath(), name);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void write(
            ReportDirectory directory,
            RuleCatalogue catalogue,
            Order order,
            IovaBitmapProvider provider,
            Runner.Result result,
            Reports.Waived waived,
            SimulatedReport simulated) {
        try {
            Reports.write(
                    directory, catalogue, order, provider.getClass().getName(), result, waived, simulated.sha256());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
