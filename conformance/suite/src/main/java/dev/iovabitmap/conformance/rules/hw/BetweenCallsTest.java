package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** A device does not wait: it writes between any two calls of the backend, and owners of address spaces do as they please. */
public class BetweenCallsTest {
    /**
     * What is written while a report is being made is in it or in the next one. The bitmaps keep what was reported to them, since nobody
     * can say in which of the two it came.
     */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void writesDuringAReport(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<View> views = new ArrayList<>();
            try {
                session.ranges().forEach(range -> views.add(session.view(Places.wholly(range))));
                for (int round = 0; round < 3; round++) {
                    device.interleaved(
                            () -> views.forEach(View::harvest),
                            () -> device.writeSome(Places.any(device.random(), device.trackable()), 1));
                }
                views.forEach(View::harvest);
            } finally {
                views.forEach(View::close);
            }
        }
    }

    /** The last report of a mapping and its end are two calls. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void writesWhileAMappingGoes(String variant) {
        aMappingGoes(variant, Device::unmap);
    }

    /** Somebody else unmaps, between whose calls the device writes as well. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void writesWhileTheOwnerUnmaps(String variant) {
        aMappingGoes(variant, Device::unmapAsOwner);
    }

    /** Whether the next bitmap is harvested while the mapping is gone, or only after another has come in its place. */
    private static void aMappingGoes(String variant, BiConsumer<Device, IovaRange> unmap) {
        for (boolean comesBackAtOnce : new boolean[] {true, false}) {
            for (int which = 0; which < 3; which++) {
                try (Device device = Device.open(variant);
                        Tracking session = device.track()) {
                    List<IovaRange> ranges = device.trackable();
                    IovaRange away = ranges.get(which % ranges.size());
                    try (View view = session.view(Places.wholly(away))) {
                        for (int round = 0; round < 2; round++) {
                            device.interleaved(() -> unmap.accept(device, away), () -> device.writeSome(away, 1));
                            if (!comesBackAtOnce) {
                                view.harvest();
                            }
                            device.map(away);
                            view.harvest();
                            view.wipe();
                            device.writeSome(away, 2);
                            view.harvest();
                            view.wipe();
                        }
                    }
                    SupersetTest.takeTheRest(session);
                }
            }
        }
    }

    /** What the device wrote before the owner of an address space unmaps is reported, and then the addresses are never clean. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void whatTheOwnerUnmapsIsNotClean(String variant) {
        for (int which = 0; which < 3; which++) {
            try (Device device = Device.open(variant);
                    Tracking session = device.track()) {
                List<IovaRange> ranges = device.trackable();
                IovaRange away = ranges.get(which % ranges.size());
                List<View> others = new ArrayList<>();
                try (View view = session.view(Places.wholly(away))) {
                    ranges.stream()
                            .filter(range -> !range.equals(away))
                            .forEach(range -> others.add(session.view(Places.wholly(range))));
                    ranges.forEach(range -> device.writeSome(range, 2));
                    device.unmapAsOwner(away);
                    view.harvest();
                    view.wipe();
                    view.harvestUntracked();
                    others.forEach(View::harvest);
                } finally {
                    others.forEach(View::close);
                }
            }
        }
    }
}
