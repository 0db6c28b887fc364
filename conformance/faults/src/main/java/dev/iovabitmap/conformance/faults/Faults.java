package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.faults.device.DeviceFaults;
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
import java.util.stream.Stream;

/** All faults: the kernel's history first, then what else goes wrong, by rule. */
public final class Faults {
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
                        ConcFaults.all(),
                        DeviceFaults.all())
                .flatMap(List::stream)
                .toList();
    }
}
