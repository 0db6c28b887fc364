package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.session.Entry;
import dev.iovabitmap.vfio.session.Plan;
import dev.iovabitmap.vfio.session.Space;
import java.util.ArrayList;
import java.util.List;

/** Says in words what a session would not track. */
final class Check {
    private Check() {}

    static List<Finding> of(Plan plan, List<IovaRange> ranges) {
        List<Finding> findings = new ArrayList<>();
        plan.untracked()
                .forEach((device, why) -> findings.add(
                        Finding.limited(device.toString(), why + ": everything is dirty while it is there", "")));
        if (plan.isComplete()) {
            for (Entry entry : plan.tracking()) {
                findings.addAll(entry instanceof Space space ? of(space, ranges) : ofLog(entry, ranges));
            }
        } else if (findings.isEmpty()) {
            findings.add(Finding.limited("devices", "no device is given, so nothing tracks: everything is dirty", ""));
        }
        for (Entry entry : plan.involved()) {
            if (entry.isAdopted()) {
                findings.add(Finding.unknown(
                        entry.toString(),
                        "no call lists what is attached or mapped there, so what was adopted is trusted: call forgetMapping"
                                + " before something is unmapped, and adoptDevice before a device is attached"));
            }
        }
        return findings;
    }

    private static List<Finding> of(Space space, List<IovaRange> ranges) {
        List<Finding> findings = new ArrayList<>();
        if (space.kind().equals("type1")) {
            findings.add(Finding.limited(
                    space.toString(),
                    "behind a real IOMMU all that is mapped is dirty in each report: copying before the guest is stopped"
                            + " does not converge",
                    ""));
        }
        List<IovaRange> unmapped = new ArrayList<>();
        ranges.forEach(range -> space.mappings.gaps(range, mapping -> true, unmapped::add));
        if (!unmapped.isEmpty()) {
            findings.add(Finding.limited(
                    space.toString(),
                    "not mapped and so always dirty: " + unmapped.getFirst()
                            + (unmapped.size() == 1 ? "" : " and " + (unmapped.size() - 1) + " more"),
                    ""));
        }
        return findings;
    }

    private static List<Finding> ofLog(Entry log, List<IovaRange> ranges) {
        boolean top = ranges.stream().anyMatch(range -> range.lastIova() == -1);
        return top
                ? List.of(Finding.limited(
                        log.toString(),
                        "no device logs the last page of the address space, nor some the last 64: they are always dirty",
                        ""))
                : List.of();
    }
}
