package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.List;

/** After a report has failed nobody knows what is dirty, so everything is, until tracking is started anew and has said so. */
public class ReportErrorTest {
    /** The bitmap is marked from end to end, whatever it held, and the exception is not swallowed. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-4")
    void everythingIsMarkedAndTheErrorSurfaces(String variant) {
        try (Device device = Device.open(variant)) {
            for (IovaRange range : device.trackable()) {
                try (Tracking session = device.track();
                        View view =
                                session.view(Places.wholly(range))) { // of a part of it the device might not be asked
                    device.writeSome(range, 2);
                    device.failNextReport();
                    view.harvestFailing();
                }
            }
        }
    }

    /** Also when the bitmap has many windows, some of which were seen before. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-4")
    void everyWindowIsMarked(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            Geometry geometry = Places.manyWindows(Places.longest(device.trackable()), 8);
            try (View view = session.view(geometry)) {
                view.harvestUpTo(0);
                device.failNextReport();
                view.harvestFailing();
            }
        }
    }

    /** The session is broken for all its bitmaps, those that come later included, and is never taken for repaired. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-4")
    void everyLaterIterationMarksAndThrows(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = device.trackable();
            try (View first = session.view(Places.some(device.random(), ranges.get(0)));
                    View other = session.view(Places.some(device.random(), ranges.get(ranges.size() - 1)))) {
                device.failNextReport();
                first.harvestFailing();
                for (int i = 0; i < 3; i++) {
                    other.wipe();
                    other.harvestFailing();
                    first.wipe();
                    first.harvestFailing();
                    try (View late = session.view(Places.some(device.random(), Places.any(device.random(), ranges)))) {
                        late.harvestFailing();
                    }
                }
            }
        }
    }

    /** A new session over the same device says that everything is dirty, once for each page, and then works as ever. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-4")
    void theNextSessionMarksEverythingOnce(String variant) {
        try (Device device = Device.open(variant)) {
            List<IovaRange> ranges = device.trackable();
            IovaRange range = ranges.get(ranges.size() - 1);
            try (Tracking session = device.track();
                    View view = session.view(Places.wholly(range))) {
                device.writeSome(range, 3);
                device.failNextReport();
                view.harvestFailing();
            }
            try (Tracking session = device.track()) {
                try (View view = session.view(Places.some(device.random(), range))) {
                    view.harvestAllMarked();
                    view.wipe();
                    device.writeSome(range, 2);
                    view.harvest();
                }
                SupersetTest.takeTheRest(session);
            }
        }
    }

    /** A report that fails while a mapping goes is one like any other, whether going needs one or the next iteration meets it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-4", "HW-13"})
    void aReportThatFailsWhileAMappingGoes(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = device.trackable();
            if (ranges.size() < 2) {
                throw NotOffered.because("there is only one trackable range");
            }
            try (View view = session.view(Places.wholly(ranges.get(1)))) {
                device.failNextReport();
                boolean unmapped = true;
                try {
                    unmapped = device.harness().unmap(ranges.get(0));
                } catch (RuntimeException failed) {
                    view.note("unmap threw " + failed);
                }
                if (!unmapped) {
                    throw NotOffered.because("the harness cannot take a mapping away while it is tracked");
                }
                view.harvestFailing();
                view.wipe();
                view.harvestFailing();
            }
        }
    }

    /** Several sessions fail one after the other. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-4"})
    void aSessionAfterTheNextIsAsEver(String variant) {
        try (Device device = Device.open(variant)) {
            for (int round = 0; round < 3; round++) {
                IovaRange range = Places.any(device.random(), device.trackable());
                try (Tracking session = device.track();
                        View view = session.view(Places.wholly(range))) {
                    device.writeSome(range, 2);
                    view.harvest();
                    device.failNextReport();
                    view.harvestFailing();
                }
            }
            try (Tracking session = device.track()) {
                SupersetTest.takeTheRest(session);
            }
            try (Tracking session = device.track()) {
                device.writeSome(Places.any(device.random(), device.trackable()), 3);
                SupersetTest.takeTheRest(session);
            }
        }
    }

    /** A session over other addresses settles nothing of what is owed: it waits for the first bitmap that covers it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-4", "HW-13"})
    void whatIsOwedWaitsForItsAddresses(String variant) {
        try (Device device = Device.open(variant)) {
            List<IovaRange> ranges = device.trackable();
            if (ranges.size() < 2) {
                throw NotOffered.because("there is only one trackable range");
            }
            for (boolean onlyOneFails : new boolean[] {false, true}) {
                IovaRange owing = Places.any(device.random(), ranges);
                List<IovaRange> others =
                        ranges.stream().filter(range -> !range.equals(owing)).toList();
                try (Tracking session = device.track(onlyOneFails ? List.of(owing) : ranges, Device.PAGE);
                        View view = session.view(Places.wholly(owing))) {
                    device.writeSome(owing, 2);
                    device.failNextReport();
                    view.harvestFailing();
                }
                for (int round = 0; round < 2; round++) {
                    try (Tracking session = device.track(others, Device.PAGE)) {
                        SupersetTest.takeTheRest(session);
                        SupersetTest.takeTheRest(session);
                    }
                }
                try (Tracking session = device.track()) {
                    device.writeSome(owing, 2);
                    SupersetTest.takeTheRest(session);
                }
            }
        }
    }

    /** Where reports are exact, a session after the one that marked everything starts clean again. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-4", "HW-5"})
    void theErrorIsForgottenWhenEverythingWasMarked(String variant) {
        try (Device device = Device.open(variant)) {
            device.requireExact();
            IovaRange range = device.trackable().get(0);
            try (Tracking session = device.track();
                    View view = session.view(Places.some(device.random(), range))) {
                device.failNextReport();
                view.harvestFailing();
            }
            try (Tracking session = device.track()) {
                SupersetTest.takeTheRest(session);
                try (View view = session.view(Places.aligned(device.random(), range, session.granule()))) {
                    view.harvestExactly(session.granule());
                }
            }
            try (Tracking session = device.track();
                    View view = session.view(Places.aligned(device.random(), range, session.granule()))) {
                view.harvestExactly(session.granule());
            }
        }
    }
}
