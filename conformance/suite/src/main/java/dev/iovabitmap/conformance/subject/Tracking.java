package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.util.List;

/** A session of the provider under test. */
public final class Tracking implements AutoCloseable {
    private final Device device;
    private final DirtyTracker tracker;

    Tracking(Device device, DirtyTracker tracker) {
        this.device = device;
        this.tracker = tracker;
    }

    /** {@return the ranges that are tracked} */
    public List<IovaRange> ranges() {
        return device.unfailing("ranges", tracker::ranges);
    }

    /** {@return the page size that the device granted} */
    public long granule() {
        long granted = device.unfailing("grantedPageSize", tracker::grantedPageSize);
        if (Long.bitCount(granted) != 1) {
            throw device.failure("grantedPageSize() is " + U64.show(granted) + ", which is no power of two", null);
        }
        return granted;
    }

    /** {@return the session itself} */
    public DirtyTracker tracker() {
        return tracker;
    }

    /** {@return a bitmap over clean data} */
    public View view(Geometry geometry) {
        return view(geometry, Fill.CLEAN);
    }

    /** {@return a bitmap} */
    public View view(Geometry geometry, Fill fill) {
        return open(geometry, fill, false);
    }

    /** {@return a bitmap that clears nothing; ends the test where the device has none} */
    public View peek(Geometry geometry) {
        try {
            return open(geometry, Fill.CLEAN, true);
        } catch (UnsupportedOperationException cannot) {
            throw new NotOffered("this device's dirt cannot be read without clearing it: " + cannot.getMessage());
        }
    }

    private View open(Geometry geometry, Fill fill, boolean peeking) {
        Arena arena = Arena.ofShared();
        try {
            GuardedData data = Rig.allocate(geometry, fill, arena);
            device.log((peeking ? "peek" : "allocate") + " " + geometry);
            IovaBitmap bitmap = peeking ? peekAt(geometry, data) : allocate(geometry, data);
            View view = new View(device, geometry, data, bitmap, arena, peeking);
            data.check(view);
            return view;
        } catch (Throwable failed) {
            arena.close();
            throw failed;
        }
    }

    private IovaBitmap allocate(Geometry geometry, GuardedData data) {
        return device.unfailing(
                "allocate",
                () -> tracker.allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data.data()));
    }

    private IovaBitmap peekAt(Geometry geometry, GuardedData data) {
        return tracker.peek(geometry.iova(), geometry.length(), geometry.pageSize(), data.data());
    }

    void requireCovered(List<IovaRange> asked) {
        List<IovaRange> ranges = ranges();
        Addresses missing = new Addresses();
        asked.forEach(range -> missing.add(Addresses.stretch(range.iova(), range.length())));
        BigInteger end = BigInteger.ONE.negate();
        for (IovaRange range : ranges) {
            Stretch stretch = Addresses.stretch(range.iova(), range.length());
            if (stretch.first().compareTo(end) <= 0 || stretch.last().compareTo(stretch.first()) < 0) {
                throw device.failure("ranges() are not ascending and disjoint: " + Rig.show(ranges), null);
            }
            end = stretch.last();
            missing.remove(stretch);
        }
        if (!missing.within(Addresses.EVERYTHING).isEmpty()) {
            throw device.failure("ranges() " + Rig.show(ranges) + " do not cover " + missing, null);
        }
    }

    /** Stops tracking. */
    @Override
    public void close() {
        device.stopped(this);
        device.unfailing("close", () -> {
            tracker.close();
            return true;
        });
    }
}
