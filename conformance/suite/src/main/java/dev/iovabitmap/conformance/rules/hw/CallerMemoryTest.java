package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.List;

/** What a report does to the memory of the caller: bits are added to those of the range, and nothing else happens. */
public class CallerMemoryTest {
    /** Every fill and offset; the guards around the data and the bits above bitCount stay as they are. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-3")
    void nothingButBitsOfTheRangeChanges(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (Fill fill : Fill.values()) {
                for (int i = 0; i < 4; i++) {
                    IovaRange range = Places.any(device.random(), device.trackable());
                    device.writeSome(range, 3);
                    try (View view = session.view(Places.some(device.random(), range), fill)) {
                        view.harvest();
                        view.harvest();
                    }
                }
            }
        }
    }

    /** Bitmaps of a few bits at the end of a page of memory: what a kernel writes in whole words would show. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-3")
    void aFewBitsAtTheEndOfAPageOfMemory(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.longest(device.trackable());
            for (int bits = 1; bits < 70; bits += 1 + device.random().nextInt(9)) {
                long length = Math.min(bits * 4096L, range.length() < 0 ? Long.MAX_VALUE : range.length());
                Geometry geometry = new Geometry(range.iova(), length, 4096, bits <= 64 ? 4088 : 4080);
                device.write(range.iova(), length);
                try (View view = session.view(geometry, bits % 2 == 0 ? Fill.CLEAN : Fill.CLEAN_INVERSE)) {
                    view.harvest();
                }
            }
        }
    }

    /** A report of pages that are not dirty leaves the bits that the VMM or an earlier report has set. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-8")
    void noBitIsCleared(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                try (View view = session.view(Places.some(device.random(), range), Fill.DIRTY)) {
                    view.harvest();
                    view.set(range(view).iova(), range(view).length());
                    view.harvest();
                    device.writeSome(range, 2);
                    view.harvest();
                    view.harvest();
                }
            }
        }
    }

    /** The VMM marks what it writes itself, also in callbacks, and its bits come together with the device's. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-8")
    void ownWritesAreKept(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                try (View view = session.view(Places.some(device.random(), range))) {
                    IovaRange all = range(view);
                    device.writeSome(range, 2);
                    view.set(all.iova(), 1);
                    view.harvest((self, iova, length, nothing) -> view.set(all.iova() + all.length() - 1, 1));
                    view.set(all.iova() + all.length() / 2, 1);
                    view.harvest();
                }
            }
        }
    }

    /** The bits of several reports add up in the same data. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-8")
    void reportsAddUp(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track();
                View view = session.view(Places.manyWindows(Places.longest(device.trackable()), 8))) {
            for (IovaRange window : List.copyOf(view.geometry().windows())) {
                device.write(window.iova(), 1);
                view.harvest();
            }
        }
    }

    private static IovaRange range(View view) {
        return new IovaRange(view.geometry().iova(), view.geometry().length());
    }
}
