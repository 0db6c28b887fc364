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
import org.jspecify.annotations.Nullable;

/** Mappings, the holes between them, and the ends of the space. */
public class MappingTest {
    /** A report that stops at a hole, as the kernel's does, must not hide what lies behind it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-11")
    void holesBetweenRanges(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = device.trackable();
            if (ranges.size() < 2) {
                throw NotOffered.because("there is only one trackable range, so there is no hole");
            }
            for (int round = 0; round < 3; round++) {
                for (IovaRange range : ranges) {
                    device.write(range.iova(), 1);
                    device.write(range.iova() + range.length() - 1, 1);
                }
                IovaRange one = Places.any(device.random(), ranges);
                try (View view = session.view(Places.some(device.random(), one))) {
                    view.harvest();
                }
                SupersetTest.takeTheRest(session);
            }
        }
    }

    /** A mapping in the midst of others goes; the others are reported as before. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-11")
    void holesThatComeToBe(String variant) {
        for (int gone = 0; gone < 3; gone++) {
            try (Device device = Device.open(variant);
                    Tracking session = device.track()) {
                List<IovaRange> ranges = device.trackable();
                if (ranges.size() < 2) {
                    throw NotOffered.because("there is only one trackable range, so nothing lies behind a hole");
                }
                IovaRange away = ranges.get(gone % ranges.size());
                List<IovaRange> rest =
                        ranges.stream().filter(each -> !each.equals(away)).toList();
                List<View> views = new ArrayList<>();
                try {
                    for (IovaRange range : session.ranges()) { // also where several mappings make up a range
                        views.add(session.view(Places.wholly(range)));
                    }
                    for (IovaRange range : rest) {
                        device.writeSome(range, 2);
                    }
                    device.unmap(away);
                    for (IovaRange range : rest) {
                        device.writeSome(range, 2);
                        device.write(range.iova() + range.length() - 1, 1);
                    }
                    views.forEach(View::harvest);
                } finally {
                    views.forEach(View::close);
                }
            }
        }
    }

    /** What the device wrote into a mapping is known before the mapping goes, since nobody can ask for it afterwards. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-13")
    void theDirtOfAMappingThatGoes(String variant) {
        for (boolean last : new boolean[] {false, true}) {
            try (Device device = Device.open(variant);
                    Tracking session = device.track()) {
                IovaRange away =
                        device.trackable().get(last ? device.trackable().size() - 1 : 0);
                try (View view = session.view(Places.wholly(away))) {
                    device.writeSome(away, 4);
                    device.unmap(away);
                    view.harvest();
                }
            }
        }
    }

    /** A bitmap whose range is no longer tracked is dirty, or refuses to say; it is never clean. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-13")
    void whatIsNoLongerMappedIsNotClean(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track();
                View view = session.view(Places.wholly(device.longest()))) {
            device.unmap(device.longest());
            view.harvest();
            view.wipe();
            view.harvestUntracked();
        }
    }

    /** A mapping goes and comes back: its dirt of before is told once, in parts as well, and that of afterwards as ever. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aMappingThatComesBack(String variant) {
        for (int which = 0; which < 3; which++) {
            try (Device device = Device.open(variant);
                    Tracking session = device.track()) {
                List<IovaRange> ranges = device.trackable();
                IovaRange away = ranges.get(which % ranges.size());
                for (int round = 0; round < 2; round++) {
                    ranges.forEach(range -> device.writeSome(range, 3));
                    InThread.run(() -> device.unmap(away));
                    InThread.run(() -> device.map(away));
                    device.writeSome(away, 2);
                    try (View part = session.view(Places.some(device.random(), away))) {
                        part.harvest();
                    }
                    SupersetTest.takeTheRest(session);
                }
            }
        }
    }

    /**
     * Where reports are exact, the mappings beside the one that goes are not dirty for it, and neither is the one that comes back,
     * once its addresses were reported: no call takes the dirt of a mapping at the moment that it goes, so all of it may be.
     */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aMappingThatComesBackIsExact(String variant) {
        for (int which = 0; which < 3; which++) {
            try (Device device = Device.open(variant)) {
                device.requireExact();
                try (Tracking session = device.track()) {
                    List<IovaRange> ranges = device.trackable();
                    IovaRange away = ranges.get(which % ranges.size());
                    device.unmap(away);
                    exactly(device, session, away);
                    for (int round = 0; round < 2; round++) {
                        device.map(away);
                        try (View gone = session.view(Places.wholly(away))) {
                            gone.harvest();
                        }
                        exactly(device, session, null);
                        device.unmap(away);
                    }
                    exactly(device, session, away);
                }
            }
        }
    }

    private static void exactly(Device device, Tracking session, @Nullable IovaRange away) {
        for (IovaRange range : ExactTest.ranges(device, session.granule())) {
            if (away == null || range.iova() != away.iova()) {
                device.write(range.iova(), 1);
                try (View view = session.view(Places.aligned(device.random(), range, session.granule()))) {
                    view.harvestExactly(session.granule());
                    view.wipe();
                    view.harvestExactly(session.granule());
                }
            }
        }
    }

    /** Ranges at the top of the space, where rounding up goes past 2^64. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-6")
    void theLastPagesOfTheSpace(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange top = device.trackable().get(device.trackable().size() - 1);
            long distance = -(top.iova() + top.length());
            if (U64.compare(distance, 8 * Math.max(session.granule(), 4096)) >= 0) {
                throw NotOffered.because("no trackable range reaches the last pages of the space");
            }
            long last = top.iova() + top.length() - 1;
            for (long length : new long[] {1, 4096, 4097, 8 * 4096, 12 * 4096, 64 * 4096, 65 * 4096}) {
                if (U64.compare(length, top.length()) > 0) {
                    continue;
                }
                long first = last - length + 1;
                for (long pageSize : new long[] {1, 2048, 4096, 65536, 1L << 40, 1L << 63}) {
                    device.write(first, 1);
                    device.write(last, 1);
                    try (View view = session.view(Geometry.of(first, length, pageSize))) {
                        view.harvest();
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    /** Nothing is tracked but the last page of the space, of which a device that logs cannot be asked at all. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-6")
    void theLastPageAlone(String variant) {
        try (Device device = Device.open(variant)) {
            IovaRange top = device.trackable().get(device.trackable().size() - 1);
            if (top.iova() + top.length() != 0) {
                throw NotOffered.because("no trackable range reaches the end of the space");
            }
            try (Tracking session = device.track(List.of(new IovaRange(-Device.PAGE, Device.PAGE)), Device.PAGE)) {
                device.write(-1, 1);
                try (View view = session.view(Geometry.of(-Device.PAGE, Device.PAGE, 1024))) {
                    view.harvest();
                }
                SupersetTest.takeTheRest(session);
            }
        }
    }

    /**
     * Only a part of what is at the top of the space is tracked, beginning and ending so that rounded up to 8 pages of the device
     * it passes 2^64, or just does not. Reports may be cut at multiples of 64 pages only, so at most the pages behind the last
     * of these, or all that is no more than 64 pages, may always be dirty.
     */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-6")
    void partsOfTheTopOfTheSpace(String variant) {
        try (Device device = Device.open(variant)) {
            List<IovaRange> others = new ArrayList<>(device.trackable());
            IovaRange top = others.remove(others.size() - 1);
            if (top.iova() + top.length() != 0 || others.isEmpty()) {
                throw NotOffered.because("no trackable range reaches the end of the space, or none is beside it");
            }
            long page = granted(device);
            if (U64.compare(5 * page, top.length()) > 0) {
                throw NotOffered.because("the range at the end of the space has fewer than 5 pages of the device");
            }
            boolean topIsAskedFor = (top.length() & (8 * page - 1)) == 0; // also where a mapping is asked for whole
            int[][] parts = {{5, 5}, {9, 4}, {13, 8}, {13, 12}, {77, 76}, {77, 77}, {8005, 8005}};
            for (int[] part : parts) {
                IovaRange range = new IovaRange(-part[0] * page, part[1] * page);
                if (U64.compare(-range.iova(), top.length()) > 0) {
                    continue;
                }
                List<IovaRange> ranges = new ArrayList<>(others); // a device may refuse to track a few pages alone
                ranges.add(range);
                try (Tracking session = device.track(ranges, page)) {
                    boolean fits = (part[1] + 7) / 8 * 8 <= part[0] && part[1] < part[0];
                    int reported = fits ? part[1] : (part[1] - 1) / 64 * 64;
                    boolean exact = device.isExact() && topIsAskedFor && session.granule() == page;
                    checkPart(device, session, range, exact ? reported : 0);
                }
            }
        }
    }

    private static void checkPart(Device device, Tracking session, IovaRange range, long exactPages) {
        long page = session.granule();
        device.write(range.iova(), 1);
        device.write(range.iova() + range.length() - 1, 1);
        device.write(range.iova() + range.length() - page - 1, 1);
        try (View view = session.view(Geometry.of(range.iova(), range.length(), page))) {
            view.harvest();
        }
        if (exactPages != 0) {
            try (View view = session.view(Geometry.of(range.iova(), exactPages * page, page))) {
                device.write(range.iova() + page, 1);
                view.harvestExactly(page);
            }
        }
    }

    private static long granted(Device device) {
        try (Tracking session = device.track()) {
            return Math.max(session.granule(), 4096);
        }
    }

    /** Page sizes and bases that no device knows: the report is made from its own pages. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-2"})
    void allPageSizes(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            IovaRange range = device.longest();
            for (int shift = 0; shift < 64; shift++) {
                long base = range.iova() + device.random().nextInt(3);
                long most = Math.min(range.length() < 0 ? Long.MAX_VALUE : range.length(), 1L << 40) - 3;
                long length = shift < 50 ? Math.min(most, 1000L << shift) : most;
                device.write(base + length - 1, 1);
                device.write(base + length / 2, 1);
                try (View view = session.view(Geometry.of(base, length, 1L << shift))) {
                    view.harvest();
                }
            }
        }
    }
}
