package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.faults.history.FirstYears;
import dev.iovabitmap.conformance.faults.history.LaterYears;
import dev.iovabitmap.conformance.faults.history.OpenQuestions;
import dev.iovabitmap.conformance.faults.rules.AllocFaults;
import dev.iovabitmap.conformance.faults.rules.BitFaults;
import dev.iovabitmap.conformance.faults.rules.ConcFaults;
import dev.iovabitmap.conformance.faults.rules.IterFaults;
import dev.iovabitmap.conformance.faults.rules.LifeFaults;
import dev.iovabitmap.conformance.faults.rules.ReadFaults;
import dev.iovabitmap.conformance.faults.rules.SetFaults;
import dev.iovabitmap.conformance.faults.rules.WindowFaults;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All faults: the kernel's history first, then what else goes wrong, by rule. */
public final class Faults {
    /**
     * What only a tracking session can get wrong. These wait for rules to break.
     *
     * @param id the entry of the history, or the rule of the design
     * @param wrong what is wrong
     * @param source where it comes from
     */
    public record Pending(String id, String wrong, String source) {}

    /** The groups of rules whose faults are still to be written; once one has faults it leaves this set. */
    public static final Set<String> PENDING_GROUPS = Set.of("HW");

    private Faults() {}

    /** {@return all faults} */
    public static List<Fault> all() {
        return Stream.of(
                        FirstYears.all(),
                        LaterYears.all(),
                        OpenQuestions.all(),
                        AllocFaults.all(),
                        BitFaults.all(),
                        SetFaults.all(),
                        WindowFaults.all(),
                        IterFaults.all(),
                        LifeFaults.all(),
                        ReadFaults.all(),
                        ConcFaults.all())
                .flatMap(List::stream)
                .toList();
    }

    /** {@return the faults that wait for the rules of hardware sessions} */
    public static List<Pending> pending() {
        return List.of(
                new Pending(
                        "R1-session",
                        "a report into memory that cannot be pinned answers success and has cleared the device's log",
                        "R1; HW 3"),
                new Pending(
                        "R2-session",
                        "a hole in the mappings ends the walk, the ioctl answers 0, and what lies behind it is taken for clean",
                        "R2: iommu_read_and_clear_dirty (since v6.7); HW 11"),
                new Pending(
                        "HW-2-windows",
                        "the device is asked window by window, so that a huge entry is cleared whole and reported in part",
                        "the walkers of AMD, VT-d and SMMUv3; the acknowledgement of pds by 64 pages"),
                new Pending(
                        "HW-3-caller-memory",
                        "the kernel writes into the caller's words: past the end inside the last page, or over bits of others",
                        "6.11 and later (strays), type1 (overwrites)"),
                new Pending(
                        "HW-4-retry",
                        "a report that failed is asked for again, from a bitmap that stayed shifted or a log that is gone",
                        "type1 after EFAULT in GET_BITMAP; vfio.h: after an error all memory counts as dirty"));
    }
}
