package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import java.util.List;

/** A provider that is right on its plain device, and wrong in another way on each of two variants. */
public final class LapsingDevice extends DeviceProvider {
    /** Creates the provider. */
    public LapsingDevice() {
        super(variant -> switch (variant) {
            case "pages-of-64k" -> new Silent(variant);
            case "entries-of-2m" -> DeviceHistory.ENDING_AT_HOLES.apply(variant);
            default -> new RightDevice(variant);
        });
    }

    /** Nobody is told of a report that failed. */
    private static final class Silent extends RightDevice {
        Silent(String variant) {
            super(variant);
        }

        @Override
        List<Stretch> report(Stretch unit, boolean clear) {
            failNext = false;
            return super.report(unit, clear);
        }
    }
}
