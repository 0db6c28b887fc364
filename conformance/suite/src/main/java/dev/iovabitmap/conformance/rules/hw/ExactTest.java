package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.ArrayList;
import java.util.List;

/** Where the harness says that reports are exact: a page is marked if and only if the device wrote in a page of its own there. */
public class ExactTest {
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void nothingIsMarkedThatWasNotWritten(String variant) {
        try (Device device = Device.open(variant)) {
            device.requireExact();
            try (Tracking session = device.track()) {
                long granule = session.granule();
                for (int round = 0; round < 20; round++) {
                    IovaRange range = Places.any(device.random(), ranges(device, granule));
                    device.writeSome(range, 3);
                    try (View view = session.view(Places.aligned(device.random(), range, granule))) {
                        device.writeSome(rangeOf(view), 2);
                        view.harvestExactly(granule);
                    }
                }
            }
        }
    }

    /** What a bitmap was told is not told again, neither to it nor to another. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-3"})
    void whatWasReportedIsNotReportedAgain(String variant) {
        try (Device device = Device.open(variant)) {
            device.requireExact();
            try (Tracking session = device.track()) {
                long granule = session.granule();
                for (IovaRange range : ranges(device, granule)) {
                    try (View view = session.view(Places.aligned(device.random(), range, granule))) {
                        device.writeSome(range, 5);
                        device.writeSome(rangeOf(view), 5);
                        view.harvestExactly(granule);
                        view.wipe();
                        view.harvestExactly(granule);
                        device.writeSome(rangeOf(view), 1);
                        view.harvestExactly(granule);
                    }
                }
            }
        }
    }

    /** Ranges that are aligned out to larger pages, so that they touch, are no dirtier for that, and neither is what is between. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void largerPagesThanNeededAreAskedFor(String variant) {
        try (Device device = Device.open(variant)) {
            device.requireExact();
            for (long pageSize : new long[] {1 << 16, 1 << 21}) {
                try (Tracking session = device.track(device.trackable(), pageSize)) {
                    long granule = session.granule();
                    for (IovaRange range : ranges(device, granule)) {
                        if (U64.compare(range.length(), 2 * granule) < 0 && granule > Device.PAGE) {
                            continue; // it may hold no whole page
                        }
                        try (View view = session.view(Places.aligned(device.random(), range, granule))) {
                            device.writeSome(rangeOf(view), 3);
                            view.harvestExactly(granule);
                            view.wipe(); // a range of one page was written all over, so that only now it can be clean
                            view.harvestExactly(granule);
                        }
                    }
                }
            }
        }
    }

    private static IovaRange rangeOf(View view) {
        return new IovaRange(view.geometry().iova(), view.geometry().length());
    }

    /** What was written before tracking began is nobody's dirt, and neither is what an earlier session did not take. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-5")
    void aSessionStartsClean(String variant) {
        try (Device device = Device.open(variant)) {
            device.requireExact();
            for (int round = 0; round < 3; round++) {
                for (IovaRange range : device.trackable()) {
                    device.writeSome(range, 3);
                }
                try (Tracking session = device.track()) {
                    long granule = session.granule();
                    for (IovaRange range : ranges(device, granule)) {
                        try (View view =
                                session.view(Places.aligned(device.random(), range, granule), Fill.CLEAN_INVERSE)) {
                            view.harvestExactly(granule);
                        }
                    }
                    for (IovaRange range : device.trackable()) {
                        device.writeSome(range, 2); // and is left behind
                    }
                }
            }
        }
    }

    /** The last pages of the space are left out: where a transport cannot report them they are always dirty. */
    static List<IovaRange> ranges(Device device, long granule) {
        long kept = 8 * Math.max(granule, 4096);
        List<IovaRange> ranges = new ArrayList<>();
        for (IovaRange range : device.trackable()) {
            long toTheTop = -(range.iova() + range.length()); // 0 if the range ends there
            if (U64.compare(toTheTop, kept) >= 0) {
                ranges.add(range);
            } else if (U64.compare(range.length(), 2 * kept) >= 0) {
                ranges.add(new IovaRange(range.iova(), range.length() - kept));
            }
        }
        if (ranges.isEmpty()) {
            throw NotOffered.because("nothing but the last pages of the space can be tracked");
        }
        return ranges;
    }
}
