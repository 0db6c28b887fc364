package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * The device is asked in report units. Asked by windows, a device that clears whole pages of its own, entries of an IOMMU or
 * groups of 64 pages loses what lies on the other side of the edge.
 */
public class ReportUnitTest {
    /** The data's offset moves the first edge, so that all of them fall inside of pages and of groups of 64 pages. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-2")
    void edgesBetweenWindows(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.longest(device.trackable());
            for (int offset : new int[] {0, 8, 2056}) {
                Geometry geometry = Places.manyWindows(range, offset);
                List<IovaRange> windows = geometry.windows();
                for (IovaRange window : windows.subList(1, windows.size())) {
                    writeAround(device, range, window.iova());
                }
                try (View view = session.view(geometry)) {
                    view.harvest();
                }
            }
        }
    }

    /** The same for windows of the size that VMMs see: 64 GiB of pages of 4 KiB. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-2")
    void edgesOfWindowsOf64Gigabytes(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.longest(device.trackable());
            long length = Math.min(range.length() < 0 ? Long.MAX_VALUE : range.length(), 96L << 30);
            for (int offset : new int[] {0, 2056}) {
                // where nothing is that large, smaller pages make windows of a like number of bits
                Geometry geometry = length > 64L << 30
                        ? new Geometry(range.iova(), length, 4096, offset)
                        : Places.manyWindows(range, offset);
                List<IovaRange> windows = geometry.windows();
                long edge = windows.get(1).iova();
                device.write(range.iova(), 1);
                device.write(edge - 4096, 8192);
                device.write(windows.get(windows.size() - 1).iova(), 1);
                try (View view = session.view(geometry)) {
                    view.harvestUpTo(0);
                    view.harvest();
                }
            }
        }
    }

    /**
     * Bitmaps with the device's page size that begin in one unit and end in the next, at a page of the device or inside of one:
     * there each page of the device is two of the bitmap's, and both have to be marked.
     */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-2"})
    void bitmapsAcrossUnits(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = Places.longest(device.trackable());
            long page = session.granule();
            long half = U64.divide(range.length(), 2);
            // units of a device's log are that long; where units are longer this is inside of one
            long edge = range.iova() + U64.min(half, (64L << 30) / 4096 * page);
            for (long shift : new long[] {0, page / 2, page - 1}) {
                for (long pages : new long[] {64, 65, 128}) {
                    long before = pages * page + shift;
                    if (U64.compare(before, half) >= 0) {
                        continue;
                    }
                    for (long at : new long[] {0, page - 1, 63 * page, 64 * page - 1}) {
                        device.write(edge + at, 1);
                    }
                    device.write(edge - page, 1);
                    try (View view =
                            session.view(Geometry.of(edge - before, before + U64.min(half, 65 * page), page))) {
                        view.harvest();
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    /** A bitmap that covers a part of a unit leaves the rest for others, near and far. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-2"})
    void aBitmapOfAPartOfAUnit(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                long first = range.iova();
                long last = range.iova() + range.length() - 1;
                long middle = first + range.length() / 2;
                for (long at : new long[] {first, middle, last}) {
                    for (long other : new long[] {first, middle, last}) {
                        device.write(other, 1);
                    }
                    try (View view = session.view(Geometry.of(at, 1, 4096))) {
                        view.harvest();
                    }
                    try (View view = session.view(Geometry.of(middle, 1, 1))) {
                        view.harvest();
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    /** Every edge in every 64 pages of the device's own size, since some drivers acknowledge by them. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-2")
    void bitmapsInsideOfGroupsOf64Pages(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            long granule = session.granule();
            for (IovaRange range : device.trackable()) {
                long pages = Math.min(U64.divide(range.length(), granule), 130);
                for (long page = 1; page < pages; page += 1 + device.random().nextInt(16)) {
                    long edge = range.iova() + page * granule;
                    writeAround(device, range, edge);
                    try (View below = session.view(Geometry.of(range.iova(), page * granule, granule));
                            View above = session.view(Geometry.of(
                                    edge, Math.min(80 * granule, pages * granule - page * granule), granule))) {
                        if (device.random().nextBoolean()) {
                            below.harvest();
                        }
                        above.harvest();
                        below.harvest();
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    /**
     * Several ranges are tracked that lie in one group of 64 pages, or touch one at both ends. A device that logs what is between
     * them as well, and acknowledges by such groups, clears with one range what it has of the next.
     */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-2"})
    void rangesThatShareGroupsOf64Pages(String variant) {
        try (Device device = Device.open(variant)) {
            for (long page : new TreeSet<>(List.of(Device.PAGE, granted(device)))) {
                for (long pages : new long[] {8, 16, 63, 65}) {
                    for (long gap : new long[] {1, 16}) {
                        oneByOne(device, page, pages, gap);
                    }
                }
            }
        }
    }

    /** Each range has a bitmap of its own, harvested in any order; a bitmap that is harvested later loses nothing to an earlier one. */
    private static void oneByOne(Device device, long page, long pages, long gap) {
        IovaRange whole = device.longest();
        long rest = 4L << 20; // some devices refuse to track a few pages alone
        if (U64.compare(whole.length(), 2 * 3 * (pages + gap) * page + rest) < 0) {
            return;
        }
        long first = whole.iova() + device.random().nextInt(8) * page;
        List<IovaRange> ranges = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ranges.add(new IovaRange(first + i * (pages + gap) * page, pages * page));
        }
        List<IovaRange> asked = new ArrayList<>(ranges);
        asked.add(new IovaRange(whole.iova() + whole.length() - rest, rest));
        try (Tracking session = device.track(asked, Device.PAGE)) {
            for (int round = 0; round < 2; round++) {
                for (IovaRange range : ranges) {
                    for (long at = 0; at < range.length(); at += page) {
                        device.write(range.iova() + at, 1);
                    }
                }
                Collections.shuffle(ranges, device.random());
                for (IovaRange range : ranges) {
                    try (View view = session.view(Places.wholly(range))) {
                        view.harvest();
                    }
                }
            }
        }
    }

    private static long granted(Device device) {
        try (Tracking session = device.track()) {
            return Math.max(session.granule(), Device.PAGE);
        }
    }

    /** Both sides of an edge, within the page that it cuts and beyond it. */
    private static void writeAround(Device device, IovaRange range, long edge) {
        device.write(edge - 1, 2);
        for (long distance : new long[] {4096, 32 * 4096, 1 << 20}) {
            if (U64.compare(edge - range.iova(), distance) > 0
                    && U64.compare(range.length() - (edge - range.iova()), distance) > 0) {
                device.write(edge - distance, 1);
                device.write(edge + distance, 1);
            }
        }
    }
}
