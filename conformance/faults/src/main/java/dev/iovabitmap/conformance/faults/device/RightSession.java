package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;

/** A session of a {@link RightDevice}. */
class RightSession implements DirtyTracker {
    static final BigInteger TOP = U64.toBigInteger(-1);

    final RightDevice device;
    final List<IovaRange> ranges;
    /** What the device has reported and no bitmap has been told. */
    final Addresses held = new Addresses();
    /** What is no longer mapped, and so never clean. */
    final Addresses untracked = new Addresses();

    boolean broken;
    boolean closed;

    RightSession(RightDevice device, List<IovaRange> ranges) {
        this.device = device;
        this.ranges = ranges;
        ranges.forEach(
                range -> device.unknown.within(RightDevice.stretchOf(range)).forEach(held::add));
    }

    @Override
    public List<IovaRange> ranges() {
        return ranges;
    }

    @Override
    public long grantedPageSize() {
        return device.granule;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return bitmap(iova, length, pageSize, data, false);
    }

    @Override
    public IovaBitmap peek(long iova, long length, long pageSize, MemorySegment data) {
        return bitmap(iova, length, pageSize, data, true);
    }

    HarvestingBitmap bitmap(long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
        requireOpen();
        RightProvider.requireRange(iova, length, pageSize);
        RightProvider.requireData(length, pageSize, data);
        requireTracked(Addresses.stretch(iova, length));
        return new HarvestingBitmap(this, iova, length, pageSize, data, peeking);
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }

    void requireTracked(Stretch where) {
        Addresses missing = new Addresses();
        missing.add(where);
        ranges.forEach(range -> missing.remove(Addresses.stretch(range.iova(), range.length())));
        if (!missing.within(where).isEmpty()) {
            throw new IllegalArgumentException(missing + " is not tracked");
        }
    }

    /** What the device is asked for, so that all dirt of a window is known. */
    List<Stretch> units(Stretch window) {
        return device.mappingsOf(window);
    }

    void harvest(Stretch window, HarvestingBitmap into) {
        if (into.peeking) {
            units(window).forEach(unit -> mark(device.report(unit, false), window, into));
            mark(held.within(window), window, into);
        } else {
            fetch(window);
            mark(held.within(window), window, into);
            told(window);
        }
        mark(untracked.within(window), window, into);
        if (isBlind()) {
            mark(List.of(window), window, into);
        }
        markTop(window, into);
    }

    void fetch(Stretch window) {
        for (Stretch unit : units(window)) {
            device.report(unit, true).forEach(held::add);
        }
    }

    void told(Stretch window) {
        held.remove(window);
        device.unknown.remove(window);
    }

    /** {@return whether a device can write that nothing tracks} */
    boolean isBlind() {
        return device.present.stream().anyMatch(neighbour -> !neighbour.isTracked());
    }

    /** A device has come, and does not write yet. */
    void joined(RightNeighbour neighbour) {
        neighbour.startLogging();
    }

    /** A device is about to go. */
    void leaves(RightNeighbour neighbour) {
        if (neighbour.isTracked()) {
            neighbour.dirty.within(Addresses.EVERYTHING).forEach(held::add);
        } else {
            ranges.forEach(range -> held.add(RightDevice.stretchOf(range)));
        }
    }

    /** No device can be asked for the last page of the space. */
    void markTop(Stretch window, HarvestingBitmap into) {
        if (window.last().equals(TOP)) {
            into.mark(into.bitOf(Math.max(into.layout().iova(), -4096)), into.bitOf(-1));
        }
    }

    void mark(List<Stretch> dirt, Stretch window, HarvestingBitmap into) {
        for (Stretch each : dirt) {
            Addresses one = new Addresses();
            one.add(each);
            for (Stretch inside : one.within(window)) {
                into.mark(into.bitOf(inside.iova()), into.bitOf(U64.fromBigInteger(inside.last())));
            }
        }
    }

    /** A report has failed: nothing is known of anything any more. */
    void failed() {
        broken = true;
        ranges.forEach(range -> device.unknown.add(Addresses.stretch(range.iova(), range.length())));
    }

    void beforeUnmap(Stretch gone) {
        try {
            fetch(gone);
        } catch (RuntimeException failure) {
            failed();
            throw failure;
        }
        untracked.add(gone);
    }

    /** Nobody knows what was written between the last report of what was mapped there before and its end. */
    void mappedAgain(Stretch back) {
        untracked.remove(back);
        held.add(back);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            device.disable();
        }
    }
}
