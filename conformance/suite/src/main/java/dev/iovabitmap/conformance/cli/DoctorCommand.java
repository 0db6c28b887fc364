package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what this host offers for runs with a device, and what is missing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Says what this host offers for runs with a device, what is missing, and the command that mends it.",
            "A device that is bound to VFIO and may be opened is opened for a moment, which resets some. Nothing else",
            "is changed."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:a run at tier hardware is possible here",
            "1:something that it needs is missing",
            "2:usage",
            "3:the harness itself failed"
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "The device that a run is meant for, as certify takes it. By default each that is bound.")
    private @Nullable String device;

    @Option(
            names = "--provider",
            paramLabel = "CLASS",
            description = "The provider of this class looks, and no other. By default every one that is there.")
    private @Nullable String provider;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (device != null && device.isBlank()) {
            throw new UsageException("--device '" + device + "' names none");
        }
        List<Path> path = classPath.path();
        PrintWriter out = spec.commandLine().getOut();
        FindingList list = new FindingList(out);
        list.print("This host", HostFindings.all());
        boolean possible = false;
        int missing = 0;
        for (Runner.Examined examined : examine(path)) {
            List<Finding> findings = new ArrayList<>(examined.findings());
            for (String problem : examined.problems()) {
                findings.add(Finding.unknown("provider " + examined.name(), problem));
            }
            list.print("Tier hardware, as provider " + examined.name() + " sees it", findings);
            int lacks = count(findings);
            missing += lacks;
            possible |= lacks == 0 && findings.stream().anyMatch(finding -> finding.status() == Status.OK);
        }
        List<Finding> guests = GuestFindings.all();
        list.print("Tier kernel, in guests of their own", guests);
        out.println("Tier hardware: "
                + (possible
                        ? "possible here, with a provider that makes the device write (docs/certifying.md)."
                        : "not possible here" + (missing == 0 ? "." : ": " + missing + " missing.")));
        out.println("Tier kernel: " + (guests.isEmpty() ? "there are no guests here." : GuestFindings.sum(guests)));
        out.println("Commands are for root; docs/hardware-runners.md explains them.");
        out.flush();
        return possible ? ExitCode.CERTIFIED : ExitCode.NOT_CERTIFIED;
    }

    private static int count(List<Finding> findings) {
        return (int) findings.stream()
                .filter(finding -> finding.status() == Status.MISSING)
                .count();
    }

    private List<Runner.Examined> examine(List<Path> path) throws InterruptedException {
        Map<String, String> options = device == null ? Map.of() : Map.of("device", device);
        List<Runner.Examined> all = new ArrayList<>();
        try {
            List<String> classes = provider != null
                    ? List.of(provider)
                    : Runner.list(path, Runner.PATIENCE).found().stream()
                            .map(Runner.Listed::provider)
                            .toList();
            for (String each : classes) {
                Runner.Examined examined = Runner.examine(each, path, options, Runner.PATIENCE);
                if (!examined.findings().isEmpty() || !examined.problems().isEmpty()) {
                    all.add(examined);
                }
            }
            return all;
        } catch (IOException failed) {
            throw new HarnessException("the backends cannot be asked: " + failed.getMessage(), failed);
        }
    }
}
