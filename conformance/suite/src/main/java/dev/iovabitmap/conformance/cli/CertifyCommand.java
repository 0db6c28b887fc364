package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Event;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.ReplayToken;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Certifies backends, each in a JVM of its own. */
@Command(
        name = "certify",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Holds backends against the specification and writes a report for each.",
            "Without --backend or --provider: every backend that is there."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:certified",
            "1:not certified",
            "2:usage: an unknown name, a class that is missing or no provider, a bad number or file",
            "3:the harness itself failed"
        })
final class CertifyCommand implements Callable<Integer> {
    @Option(names = "--backend", paramLabel = "NAME", description = "The backend of this name.")
    private @Nullable String backend;

    @Option(names = "--provider", paramLabel = "CLASS", description = "The provider of this class.")
    private @Nullable String provider;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Option(
            names = "--tier",
            paramLabel = "TIER",
            description = {
                "What stands behind the provider: memory (no device), simulated (a simulated kernel),",
                "kernel (the kernel that runs here, with a mock device) or hardware (a real device).",
                "By default simulated for a backend whose device can be, else memory."
            })
    private @Nullable Tier tier;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            description = "How the device is reached: log, type1 or iommufd. By default each way that there is.")
    private @Nullable String transport;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "The device at tier kernel or hardware, as the backend names it.")
    private @Nullable String device;

    @Option(
            names = "--guest",
            paramLabel = "NAME",
            description = {
                "At tier kernel, the guest to start: qemu-6.1 or uml-6.12. By default both, one after the other.",
                "With --device none is started, and the kernel that runs here is meant."
            })
    private @Nullable String guest;

    @Option(
            names = "--required",
            description = "A device that is absent is a failure. Without it that is a skip, which is no pass either.")
    private boolean required;

    @Option(
            names = "--simulated",
            paramLabel = "DIR",
            description = {
                "Where the CERTIFIED simulated report of the same jar is that a certificate at tier kernel or",
                "hardware rests on. By default where reports go."
            })
    private @Nullable String simulated;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = UnsignedNumber.class,
            description =
                    "Every random choice follows from it. By default a new one for each run, which the report states.")
    private @Nullable Long seed;

    @Option(
            names = "--replay",
            paramLabel = "TOKEN",
            description = "Runs one test of one backend, as a failure names it, and writes no report.")
    private @Nullable String replay;

    @Option(
            names = "--waivers",
            paramLabel = "FILE",
            description = {
                "Accepts failures for a time: a JSON file; see docs/certifying.md.",
                "The verdict is CERTIFIED WITH WAIVERS at best, and the report shows each of them."
            })
    private @Nullable String waivers;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the reports go, one directory for each backend. By default ${DEFAULT-VALUE}.",
            defaultValue = "${sys:iova-bitmap.out:-certification}")
    private String out = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = {
                "How long the backend may have control in one call before that counts as hanging: 1 to 86400, by default 120.",
                "What it runs is measured in CPU time, so a busy machine needs no longer limit."
            })
    private long timeout = Runner.PATIENCE.toSeconds();

    @Option(
            names = "--max-lost",
            paramLabel = "N",
            description = {
                "After a test that hangs or ends its JVM, the run goes on without it in a new JVM.",
                "After so many such tests the run stops: 1 to 1000, by default 10."
            })
    private int maxLost = Runner.Limits.DEFAULT.losses();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        Devices devices = devices();
        List<Path> path = classPath.path();
        Duration patience = Duration.ofSeconds(timeout);
        Runner.Limits limits = new Runner.Limits(patience, maxLost);
        PrintWriter output = spec.commandLine().getOut();
        PrintWriter errors = spec.commandLine().getErr();
        Tier wanted = replay != null ? token(replay).tier() : tier;
        Guests guests = wanted == Tier.KERNEL && device == null ? Guests.orNull(output, errors) : null;
        if (guest != null && guests == null) {
            throw new UsageException("--guest " + guest + " needs --tier kernel, no --device, and the program of "
                    + Guests.PROGRAM + ", which the launcher of the repository sets");
        }
        if (replay != null) {
            Order order = Order.replay(token(replay), devices.named());
            devices.check(order);
            if (guests != null) {
                return guests.run(inGuests(path, List.of("--replay", replay)), directoryOf("--out", out), null);
            }
            String className = provider != null ? provider : classOf(path, patience);
            return new Replay(output, errors, path, limits, new ReplayCommand(subject(null))).run(className, order);
        }
        long chosen = seed != null ? seed : Order.anySeed();
        WaiverDesk desk = WaiverDesk.open(waivers);
        Path directory = outDirectory();
        Certification.Demands demands = new Certification.Demands(
                simulated == null ? directory : directoryOf("--simulated", simulated), trust.trust(), required);
        if (guests != null && waivers != null) {
            throw new UsageException("--waivers are not handed to guests: run the command in one, with --device");
        }
        if (guests != null) {
            List<String> more = List.of("--seed", U64.toBigInteger(chosen).toString());
            return guests.run(inGuests(path, more), demands.simulated(), directory);
        }
        Certification certification = new Certification(output, errors, path, limits, chosen, demands, directory, desk);
        if (provider != null) {
            Runner.Listed one = tier == Tier.MEMORY ? null : Backends.ask(provider, path, patience);
            return certification.run(candidates(provider, provider, one, chosen), true);
        }
        Runner.Listing listing = Backends.list(path, patience);
        List<Certification.Candidate> candidates = new ArrayList<>();
        for (Runner.Listed one :
                backend != null ? List.of(Backends.named(listing, backend)) : Backends.unique(listing)) {
            candidates.addAll(candidates(one.name(), one.provider(), one, chosen));
        }
        for (Event.Unnamed one : backend != null ? List.<Event.Unnamed>of() : listing.unnamed()) {
            if (one.failed()) {
                candidates.add(new Certification.Candidate(
                        one.provider(),
                        one.provider(),
                        options("--provider", one.provider()),
                        Order.certify(Tier.MEMORY, chosen)));
            } else {
                certification.cannotBeNamed(one.problem());
            }
        }
        if (candidates.isEmpty()) {
            throw new UsageException(
                    "there is no backend on the class path: name one with --provider CLASS --class-path PATH"
                            + Backends.broken(listing));
        }
        return certification.run(candidates, backend != null);
    }

    private List<String> guestNames() {
        if (guest != null && !Guests.NAMES.contains(guest)) {
            throw new UsageException("there is no guest '" + guest + "'; there are " + String.join(", ", Guests.NAMES));
        }
        return guest != null ? List.of(guest) : Guests.NAMES;
    }

    /** This command for guests, where everything takes longer, and a transport that one lacks is no failure. */
    private Guests.Task inGuests(List<Path> path, List<String> more) {
        List<String> command = new ArrayList<>(List.of("certify"));
        if (backend != null || provider != null) {
            command.addAll(
                    provider != null ? List.of("--provider", provider) : List.of("--backend", String.valueOf(backend)));
        }
        if (replay == null) {
            command.addAll(List.of("--tier", Tier.KERNEL.toString()));
            command.addAll(trust.again());
        }
        if (transport != null) {
            command.addAll(List.of("--transport", transport));
        }
        command.addAll(List.of("--timeout", String.valueOf(Math.max(timeout, Guests.PATIENCE_SECONDS))));
        command.addAll(List.of("--max-lost", String.valueOf(Math.min(maxLost, Guests.MAX_LOST))));
        command.addAll(more);
        return new Guests.Task(guestNames(), path, command, transport, required);
    }

    private List<Certification.Candidate> candidates(
            String label, String className, Runner.@Nullable Listed one, long chosen) {
        List<String> again = provider != null ? subject(null) : subject(label);
        return devices().ordersFor(one, chosen).stream()
                .map(order -> new Certification.Candidate(
                        one == null || order.tier() == Tier.MEMORY ? label : one.name(), className, again, order))
                .toList();
    }

    private Devices devices() {
        return new Devices(tier, transport, device);
    }

    private void checkOptions() {
        if (backend != null && provider != null) {
            throw new UsageException("--backend and --provider exclude each other");
        }
        devices().check();
        if (required && (tier == null || tier == Tier.MEMORY)) {
            throw new UsageException(
                    "--required needs --tier simulated, kernel or hardware: else no device is asked for");
        }
        if (simulated != null && (tier == null || !tier.needsSimulated())) {
            throw new UsageException("--simulated needs --tier kernel or hardware: no other certificate rests on it");
        }
        if (!trust.again().isEmpty() && (tier == null || !tier.needsSimulated())) {
            throw new UsageException(
                    "--suite needs --tier kernel or hardware: it trusts the simulated report of these");
        }
        if (timeout < 1 || timeout > 86_400) {
            throw new UsageException("--timeout " + timeout + " is not from 1 to 86400 seconds");
        }
        if (maxLost < 1 || maxLost > 1000) {
            throw new UsageException("--max-lost " + maxLost + " is not from 1 to 1000");
        }
        if (replay != null && seed != null) {
            throw new UsageException("--seed and --replay exclude each other: the token '" + replay + "' holds a seed");
        }
        if (replay != null && waivers != null) {
            throw new UsageException("--waivers and --replay exclude each other: a replay shows what fails");
        }
        if (replay != null && backend == null && provider == null) {
            throw new UsageException("--replay needs --backend NAME or --provider CLASS");
        }
    }

    private static ReplayToken token(String text) {
        try {
            return ReplayToken.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(String.valueOf(wrong.getMessage()));
        }
    }

    private Path outDirectory() {
        Path directory = directoryOf("--out", out);
        try {
            ReportDirectory.check(directory);
            return directory;
        } catch (IOException failed) {
            throw new HarnessException(String.valueOf(failed.getMessage()), failed);
        }
    }

    private static Path directoryOf(String option, String value) {
        return NamedPath.of(option, value).toAbsolutePath();
    }

    private String classOf(List<Path> path, Duration patience) throws InterruptedException {
        return Backends.named(Backends.list(path, patience), String.valueOf(backend))
                .provider();
    }

    /** The options that name the same subject again. */
    private List<String> subject(@Nullable String name) {
        return provider != null
                ? options("--provider", provider)
                : options("--backend", name != null ? name : String.valueOf(backend));
    }

    private List<String> options(String option, String value) {
        List<String> words = new ArrayList<>(List.of(option, value));
        words.addAll(classPath.again());
        if (device != null) {
            words.addAll(List.of("--device", device));
        }
        if (timeout != Runner.PATIENCE.toSeconds()) {
            words.addAll(List.of("--timeout", String.valueOf(timeout)));
        }
        return words;
    }
}
