package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** How sessions begin and end, and what is left of them. */
public class SessionTest {
    /** A second session is refused, or is there beside the first; it never takes from it, nor ends it. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-5"})
    void aSecondSessionTakesNothingFromTheFirst(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            for (IovaRange range : device.trackable()) {
                device.writeSome(range, 3);
            }
            asksForASecond(device.harness(), device, session);
        }
    }

    /** A second session comes and goes, or is refused; the first has all that the device writes meanwhile. */
    private static void asksForASecond(HardwareHarness by, Device device, Tracking first) {
        @Nullable DirtyTracker second = null;
        try {
            second = by.track(device.trackable(), Device.PAGE);
        } catch (RuntimeException refused) {
            SupersetTest.takeTheRest(first);
        }
        device.writeSome(device.longest(), 3);
        if (second != null) {
            second.close();
        }
        device.writeSome(device.longest(), 3);
        SupersetTest.takeTheRest(first);
    }

    /** So it is if another object of the backend asks, over the same descriptors or over duplicates of them. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-5", "HW-13"})
    void anotherObjectTakesNothingFromTheFirst(String variant) {
        eachDuplicate(variant, (device, other) -> {
            try (Tracking session = device.track()) {
                device.writeSome(device.longest(), 3);
                asksForASecond(other, device, session);
                device.writeSome(device.longest(), 3);
                other.close();
                device.writeSome(device.longest(), 3);
                SupersetTest.takeTheRest(session);
            }
        });
    }

    /** What is not known since a report failed is not known to any object over the same device, whichever asks next. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-4", "HW-13"})
    void whatIsOwedIsOwedThroughAnyObject(String variant) {
        for (boolean otherFails : new boolean[] {true, false}) {
            eachDuplicate(variant, (device, other) -> {
                HardwareHarness failing = otherFails ? other : device.harness();
                HardwareHarness next = otherFails ? device.harness() : other;
                IovaRange range = device.longest();
                try (Tracking session = device.track(failing, device.trackable(), Device.PAGE);
                        View view = session.view(Places.wholly(range))) {
                    device.writeSome(range, 2);
                    device.failNextReport();
                    view.harvestFailing();
                }
                try (Tracking session = device.track(next, device.trackable(), Device.PAGE)) {
                    device.writeSome(range, 2);
                    SupersetTest.takeTheRest(session);
                }
                try (Tracking session = device.track(failing, device.trackable(), Device.PAGE)) {
                    device.writeSome(range, 2);
                    SupersetTest.takeTheRest(session);
                }
            });
        }
    }

    private static void eachDuplicate(String variant, BiConsumer<Device, HardwareHarness> test) {
        int count = 1;
        for (int i = 0; i < count; i++) {
            try (Device device = Device.open(variant)) {
                List<HardwareHarness> duplicates = device.duplicates();
                count = duplicates.size();
                try {
                    test.accept(device, duplicates.get(i));
                } finally {
                    duplicates.forEach(HardwareHarness::close);
                }
            }
        }
    }

    /** A bitmap of a closed session is refused; what it could not report is not clean. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-13")
    void bitmapsOfAClosedSession(String variant) {
        try (Device device = Device.open(variant)) {
            Tracking session = device.track();
            IovaRange range = device.longest();
            try (View view = session.view(Places.some(device.random(), range))) {
                device.write(view.geometry().iova(), 1);
                session.close();
                view.harvestClosed(() -> "a closed session");
                view.harvestClosed(() -> "a closed session, again");
                InThread.run(() -> view.harvestClosed(() -> "a closed session, by another thread"));
            }
            session.close();
            refusesToAllocate(device, session, IllegalStateException.class, Geometry.of(range.iova(), 1, 4096));
        }
    }

    /** The session that follows does not revive the bitmaps of the one before. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-13")
    void aLaterSessionDoesNotReviveBitmaps(String variant) {
        try (Device device = Device.open(variant)) {
            IovaRange range = device.longest();
            Tracking old = device.track();
            try (View view = old.view(Places.some(device.random(), range))) {
                old.close();
                try (Tracking session = device.track()) {
                    device.write(view.geometry().iova(), 1);
                    view.harvestClosed(() -> "another session is open");
                    SupersetTest.takeTheRest(session);
                }
            }
        }
    }

    /** What is not tracked has no bitmap, which could only say that it is clean. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-13")
    void rangesThatAreNotTracked(String variant) {
        try (Device device = Device.open(variant);
                Tracking session = device.track()) {
            List<IovaRange> ranges = session.ranges();
            for (IovaRange range : ranges) {
                BigInteger first = U64.toBigInteger(range.iova());
                BigInteger end = first.add(U64.toBigInteger(range.length()));
                if (first.signum() > 0) {
                    refusesToAllocate(
                            device, session, IllegalArgumentException.class, Geometry.of(range.iova() - 1, 2, 4096));
                }
                if (end.bitLength() <= 64) {
                    refusesToAllocate(
                            device, session, IllegalArgumentException.class, Geometry.of(range.iova(), 0, 4096));
                    long after = U64.fromBigInteger(end);
                    refusesToAllocate(device, session, IllegalArgumentException.class, Geometry.of(after - 1, 2, 4096));
                    if (!Places.contains(ranges, after, 1)) {
                        refusesToAllocate(device, session, IllegalArgumentException.class, Geometry.of(after, 1, 4096));
                    }
                }
            }
            SupersetTest.takeTheRest(session);
        }
    }

    private static void refusesToAllocate(
            Device device, Tracking session, Class<? extends RuntimeException> type, Geometry geometry) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(geometry, 64, Fill.CLEAN, arena);
            try {
                IovaBitmap bitmap = session.tracker()
                        .allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data.data());
                bitmap.close();
            } catch (RuntimeException refused) {
                data.check(geometry);
                if (type.isInstance(refused)) {
                    return;
                }
                throw device.failure("allocate " + geometry + " threw " + refused + ", not " + type.getName(), refused);
            }
            throw device.failure("allocate " + geometry + " was not refused with " + type.getName(), null);
        }
    }

    /** Sessions that end well, that fail, and whose bitmaps are left open: the kernel holds no more after any number. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-10")
    void sessionsLeaveNothingBehind(String variant) {
        try (Device device = Device.open(variant)) {
            holdsNoMore(device, () -> {
                try (Tracking session = device.track();
                        View view = session.view(Places.some(device.random(), device.longest()))) {
                    device.writeSome(device.longest(), 2);
                    view.harvest();
                    view.harvestUpTo(0);
                }
            });
        }
    }

    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-10")
    void sessionsThatFailLeaveNothingBehind(String variant) {
        try (Device device = Device.open(variant)) {
            holdsNoMore(device, () -> {
                try (Tracking session = device.track();
                        View view = session.view(Places.some(device.random(), device.longest()))) {
                    device.failNextReport();
                    view.harvestFailing();
                }
            });
        }
    }

    /** Refusals too: of a range that is not tracked, of a closed session. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-10")
    void refusalsLeaveNothingBehind(String variant) {
        try (Device device = Device.open(variant)) {
            holdsNoMore(device, () -> {
                Tracking session = device.track();
                long first = session.ranges().get(0).iova();
                refusesToAllocate(device, session, IllegalArgumentException.class, Geometry.of(first, 0, 4096));
                if (first != 0) {
                    refusesToAllocate(device, session, IllegalArgumentException.class, Geometry.of(first - 1, 2, 4096));
                }
                session.close();
                refusesToAllocate(
                        device,
                        session,
                        IllegalStateException.class,
                        Geometry.of(device.longest().iova(), 1, 4096));
            });
        }
    }

    /**
     * The first cycles may load and cache something; after them every cycle ends with what the one before ended with. But no
     * cycle leaves anything that tracks.
     */
    private static void holdsNoMore(Device device, Action cycle) {
        Map<String, Long> before = Map.of();
        @Nullable Long tracking = device.held().get("sessions");
        for (int i = 0; i < 10; i++) {
            try {
                cycle.run();
            } catch (RuntimeException | Error thrown) {
                throw thrown;
            } catch (Throwable other) {
                throw device.failure("a session threw " + other, other);
            }
            Map<String, Long> after = device.held();
            if (!Objects.equals(after.get("sessions"), tracking)) {
                throw device.failure(
                        "before the first session " + tracking + " tracked, after session " + i + " the kernel held "
                                + after,
                        null);
            }
            if (i < 2) {
                before = after;
            } else if (!after.equals(before)) {
                throw device.failure(
                        "after " + i + " sessions the kernel held " + before + ", after one more " + after, null);
            }
        }
    }
}
