package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at what a host offers for tracking devices. */
public final class HostExamination {
    private HostExamination() {}

    /**
     * Examines a host. A device that is bound to VFIO and may be opened is opened, and so perhaps reset.
     *
     * @param files the host's
     * @param access its kernel
     * @param device the name or a path of the device that a run is meant for; null for any
     * @return the findings
     */
    public static List<Finding> of(HostFiles files, HostAccess access, @Nullable String device) {
        KernelConfig config = new KernelConfig(files);
        ThisProcess process = new ThisProcess(files);
        List<Finding> findings = new ArrayList<>();
        findings.addAll(IommuFindings.of(files));
        findings.addAll(KernelFindings.of(files, config, access));
        List<Finding> devices = new DeviceFindings(files, access, process).of(device);
        findings.addAll(devices);
        findings.add(process.memlock());
        findings.add(
                access.calls().isPresent()
                        ? Finding.ok("native access", "granted")
                        : Finding.missing(
                                "native access",
                                access.whyNot(),
                                "./iova-bitmap doctor (the launcher grants it, for any user)"));
        boolean usable = devices.stream().anyMatch(finding -> finding.status() == Status.OK);
        return usable ? findings.stream().map(HostExamination::milder).toList() : List.copyOf(findings);
    }

    /** What was not needed to reach a device hinders no run. */
    private static Finding milder(Finding finding) {
        return finding.status() == Status.MISSING
                ? Finding.limited(finding.name(), finding.meaning(), finding.mend())
                : finding;
    }
}
