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
import java.util.List;

/** Reading without clearing. */
public class PeekTest {
    @EachVariant
    @Needs({Feature.HARDWARE, Feature.PEEK})
    @Verifies("HW-12")
    void aPeekTakesNothing(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                device.writeSome(range, 4);
                for (int i = 0; i < 3; i++) {
                    try (View peek = session.peek(Places.some(device.random(), range))) {
                        peek.harvest();
                        peek.harvest();
                        device.writeSome(range, 1);
                    }
                    try (View peek = session.peek(Places.wholly(range))) {
                        peek.harvest();
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    /** What a session holds for the next bitmap is part of what a peek shows, and is still there afterwards. */
    @EachVariant
    @Needs({Feature.HARDWARE, Feature.PEEK})
    @Verifies("HW-12")
    void aPeekSeesWhatTheSessionHolds(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                device.writeSome(range, 6);
                try (View part = session.view(Places.some(device.random(), range));
                        View peek = session.peek(Places.wholly(range))) {
                    part.harvest();
                    peek.harvest();
                    part.harvest();
                    peek.harvest();
                }
                try (View all = session.view(Places.wholly(range))) {
                    all.harvest();
                }
            }
        }
    }

    /** The callback of a peek may throw, and a failing report is an error here as well. */
    @EachVariant
    @Needs({Feature.HARDWARE, Feature.PEEK})
    @Verifies({"HW-4", "HW-12"})
    void aPeekThatEndsEarlyOrFails(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = device.trackable();
            device.writeSome(ranges.get(0), 3);
            try (View peek = session.peek(Places.wholly(ranges.get(0)))) {
                peek.harvestUpTo(0);
                SupersetTest.takeTheRest(session);
                device.failNextReport();
                peek.harvestFailing();
            }
        }
    }
}
