package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.ArrayList;
import java.util.List;

/** No page that the device wrote is ever lost: it is marked, or it is still there for the next bitmap that covers it. */
public class SupersetTest {
    private static final int ROUNDS = 24;

    /** One bitmap after the other, each anywhere; what the device writes between reports included. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void bitmapsAnywhere(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = session.ranges();
            for (int round = 0; round < ROUNDS; round++) {
                device.writeSome(Places.any(device.random(), device.trackable()), 2);
                Geometry geometry = Places.some(device.random(), Places.any(device.random(), ranges));
                writeInto(device, geometry);
                try (View view = session.view(geometry)) {
                    view.harvest();
                }
            }
            takeTheRest(session);
        }
    }

    /** Some bitmaps live as long as the session and overlap: each page goes to the one that asks first. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void bitmapsThatOverlap(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.any(device.random(), session.ranges());
            List<View> views = new ArrayList<>();
            try {
                for (int i = 0; i < 5; i++) {
                    views.add(session.view(Places.some(device.random(), range)));
                }
                for (int round = 0; round < ROUNDS; round++) {
                    View view = views.get(device.random().nextInt(views.size()));
                    writeInto(device, view.geometry());
                    if (device.random().nextInt(3) != 0) {
                        view.harvest();
                    }
                    if (device.random().nextInt(4) == 0) {
                        view.wipe();
                    }
                }
            } finally {
                views.forEach(View::close);
            }
            takeTheRest(session);
        }
    }

    /** A device page, or a whole stretch of them, is cut by the edge between two bitmaps; the first takes its part only. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-2"})
    void aBitmapsEdgeInsideOfADevicePage(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.longest(device.trackable());
            for (long cut : new long[] {1, 64, 1000, 4095, 4096 + 2048, 5 * 4096, 64 * 4096 + 8}) {
                if (U64.compare(range.length(), 2 * cut + 2) < 0) {
                    continue;
                }
                long reach = Math.min(cut, 4096);
                long middle = range.iova() + cut;
                device.write(middle - reach, 2 * reach);
                try (View below = session.view(Geometry.of(range.iova(), cut, 4096));
                        View above = session.view(Geometry.of(middle, cut + 1, 1024))) {
                    if (device.random().nextBoolean()) {
                        below.harvest();
                        above.harvest();
                    } else {
                        above.harvest();
                        below.harvest();
                    }
                }
            }
            takeTheRest(session);
        }
    }

    /** What the callback throws ends the iteration, and what lies in later windows is not lost with it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void aCallbackThatThrows(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            Geometry geometry = Places.manyWindows(Places.longest(device.trackable()), 8);
            List<IovaRange> windows = geometry.windows();
            for (int last = 0; last < Math.min(3, windows.size()); last++) {
                for (IovaRange window : windows) {
                    device.writeSome(window, 2);
                }
                try (View view = session.view(geometry)) {
                    view.harvestUpTo(last);
                } // its data goes, and with it only what was marked there
                try (View view = session.view(geometry)) {
                    view.harvest();
                }
            }
        }
    }

    /** What is written during an iteration is found by it or by the next one. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void writesInsideOfCallbacks(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track();
                View view = session.view(Places.manyWindows(Places.longest(device.trackable()), 0))) {
            IovaRange range = Places.longest(device.trackable());
            device.writeSome(range, 5);
            view.harvest((self, iova, length, nothing) -> {
                device.writeSome(new IovaRange(iova, length), 2);
                device.writeSome(range, 2);
            });
            view.harvest();
        }
    }

    /** A bitmap is closed, another over the same pages takes its place; nothing of a session begins anew with it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-5"})
    void allocatingAndClosingBitmapsTakesNothing(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                device.writeSome(range, 4);
                for (int i = 0; i < 3; i++) {
                    try (View quiet = session.view(Places.some(device.random(), range))) {
                        device.writeSome(range, 1);
                        quiet.set(quiet.geometry().iova(), 1);
                    }
                }
            }
            takeTheRest(session);
        }
    }

    /** Tracking, writing and reading are done by different threads, one after the other. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void onOtherThreads(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.any(device.random(), device.trackable());
            for (int round = 0; round < 3; round++) {
                InThread.run(() -> device.writeSome(range, 4));
                InThread.run(() -> {
                    try (View view = session.view(Places.some(device.random(), range))) {
                        view.harvest();
                    }
                });
            }
            takeTheRest(session);
        }
    }

    /** Only some of the ranges are tracked, each asked for with other page sizes. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void someRangesWithOtherPageSizes(String variant) {
        try (Device device = Device.open(variant)) {
            for (IovaRange range : device.trackable()) {
                for (long pageSize : new long[] {4096, 65536, 1 << 21, 1 << 30}) {
                    try (Tracking session = device.track(List.of(range), pageSize)) {
                        device.writeSome(range, 6);
                        try (View view = session.view(Places.some(device.random(), range))) {
                            view.harvest();
                        }
                        takeTheRest(session);
                    }
                }
            }
        }
    }

    /** More ranges than a device may take: it is asked for fewer that cover them, and so is each page of theirs. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void moreRangesThanADeviceTakes(String variant) {
        try (Device device = Device.open(variant)) {
            IovaRange range = device.longest();
            long size = 4 << 20;
            long pieces = U64.min(300, U64.divide(range.length(), 2 * size));
            if (pieces < 2) {
                throw NotOffered.because("no trackable range is long enough to be cut into many");
            }
            List<IovaRange> ranges = new ArrayList<>();
            for (long i = 0; i < pieces; i++) {
                ranges.add(new IovaRange(range.iova() + i * 2 * size, size));
            }
            try (Tracking session = device.track(ranges, Device.PAGE)) {
                for (int i = 0; i < pieces; i += 37) {
                    device.write(ranges.get(i).iova(), 1);
                    device.write(ranges.get(i).iova() + size - 1, 1);
                }
                takeTheRest(session);
            }
        }
    }

    private static void writeInto(Device device, Geometry geometry) {
        IovaRange range = new IovaRange(geometry.iova(), geometry.length());
        if (device.trackable().stream()
                .anyMatch(each -> Places.contains(List.of(each), range.iova(), range.length()))) {
            device.writeSome(range, 3);
        }
    }

    /** Bitmaps over everything, whose pages are so large that they fit; nothing may be missing. */
    static void takeTheRest(Tracking session) {
        for (IovaRange range : session.ranges()) {
            try (View view = session.view(Places.wholly(range))) {
                view.harvest();
            }
        }
    }
}
