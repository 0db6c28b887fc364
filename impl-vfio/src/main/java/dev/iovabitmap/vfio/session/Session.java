package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.transport.Transport;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

// A report makes the kernel forget. From that moment until a bitmap of the caller has it, a page's dirt is in this
// process alone, so it passes through places of which at least one always holds it: scratch, then the unit's log,
// then the caller's data. It leaves the log only after it is in the data, and only if the bitmap covers the whole
// page. A unit is asked for whole and once in a forEach, in the window where it or the bitmap begins, and
// everything that the bitmap covers of it moves at once; so windows never cut what a report asks for. Whatever goes
// wrong between asking and the log means that dirt may be lost: then every page is dirty, here and in the next
// session of the same source, whose log starts full.

/** A tracking session: the transports that were started, the units they are asked for, and the dirt on its way. */
public final class Session implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final Scratch scratch = new Scratch();
    private final List<Source> sources;
    private final List<Transport> transports = new ArrayList<>();
    private final List<Unit> units = new ArrayList<>();

    /** What bitmaps may cover. */
    private List<IovaRange> ranges = List.of();

    /** What of it some transport cannot report, and therefore is always dirty. */
    private List<IovaRange> blind = List.of();

    private @Nullable Throwable failure;
    private boolean closed;

    private Session(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * Starts tracking.
     *
     * @param syscalls who answers
     * @param sources what to track with, all of them; without any, everything is dirty
     * @param ranges what to track
     * @param pageSize the page size to ask for, unsigned, a power of two
     * @param maxRanges how many ranges a device is asked to log at most
     * @return the session
     * @throws IllegalStateException if another open session tracks with one of the sources
     */
    public static Session start(
            Syscalls syscalls, List<Source> sources, List<IovaRange> ranges, long pageSize, int maxRanges) {
        List<IovaRange> aligned = IovaRange.cover(ranges, pageSize, Integer.MAX_VALUE);
        if (aligned.isEmpty()) {
            throw new IllegalArgumentException("ranges is empty: there is nothing to track");
        }
        Session session = new Session(sources);
        List<SourceState> claimed = new ArrayList<>();
        try {
            for (Source source : session.sources) {
                source.state().claim(session);
                claimed.add(source.state());
            }
            session.startAll(new Caller(syscalls, session.arena), aligned, pageSize, maxRanges);
            return session;
        } catch (Throwable e) {
            session.release(claimed, e);
            throw e;
        }
    }

    private void startAll(Caller caller, List<IovaRange> aligned, long pageSize, int maxRanges) {
        lock.lock(); // a mapping that comes meanwhile is in the transport's units already, or waits here
        try {
            for (Source source : sources) {
                Transport transport = source.transport().apply(caller);
                transport.start(aligned, pageSize, maxRanges);
                transports.add(transport);
                boolean owesAll = source.state().owesAll();
                transport.units().forEach(unit -> add(new Unit(source.owner(), transport, unit, owesAll)));
            }
            ranges = IovaRange.cover(aligned, grantedPageSize(pageSize), Integer.MAX_VALUE);
            blind = unreported();
        } finally {
            lock.unlock();
        }
    }

    private void add(Unit unit) {
        units.add(unit);
        scratch.reserve(unit.bitmapBytes());
    }

    /** {@return what bitmaps may cover, ascending and disjoint} */
    public List<IovaRange> ranges() {
        lock.lock();
        try {
            return ranges;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the coarsest page size that a transport reports in, or what was asked for if there is no transport} */
    public long grantedPageSize(long asked) {
        return transports.stream()
                .map(Transport::granule)
                .max(Unsigned::compare)
                .orElse(asked);
    }

    /** Allocates a bitmap; see {@link dev.iovabitmap.DirtyTracker#allocate} and {@link dev.iovabitmap.DirtyTracker#peek}. */
    public IovaBitmap allocate(IovaBitmapLayout layout, MemorySegment data, boolean peeking) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the session is closed");
            }
            IovaRange range = new IovaRange(layout.iova(), layout.length());
            if (ranges.stream().noneMatch(tracked -> tracked.contains(range))) {
                throw new IllegalArgumentException(range + " is not inside what is tracked: " + ranges);
            }
            return new TrackedBitmap(this, layout, data, peeking);
        } finally {
            lock.unlock();
        }
    }

    /** Marks a whole bitmap and throws, if this session can vouch for nothing any more. */
    void requireRunning(TrackedBitmap bitmap) {
        lock.lock();
        try {
            if (closed) {
                bitmap.markAll();
                throw new IllegalStateException("the session is closed: every page counts as dirty");
            }
            if (failure != null) {
                bitmap.markAll();
                throw new IllegalStateException(
                        "an earlier report failed, so every page counts as dirty until tracking is started again",
                        failure);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hands over the dirt of the units that begin in a window of a bitmap, or that the bitmap begins in. */
    void harvest(TrackedBitmap bitmap, long windowIova, long windowLength, boolean peeking) {
        lock.lock();
        try {
            requireRunning(bitmap);
            IovaBitmapLayout layout = bitmap.layout();
            IovaRange covered = new IovaRange(layout.iova(), layout.length());
            IovaRange window = new IovaRange(windowIova, windowLength);
            for (Unit unit : List.copyOf(units)) {
                IovaRange common = unit.range().intersection(covered).orElse(null);
                if (common != null && window.contains(new IovaRange(common.iova(), 1))) {
                    harvest(unit, bitmap, peeking);
                }
            }
            for (IovaRange range : blind) {
                range.intersection(window).ifPresent(dirty -> bitmap.set(dirty.iova(), dirty.length()));
            }
        } finally {
            lock.unlock();
        }
    }

    private void harvest(Unit unit, TrackedBitmap bitmap, boolean peeking) {
        boolean left = peeking && unit.transport().canPeek();
        if (!unit.isRetired()) {
            try {
                MemorySegment reported = report(unit, !left);
                if (left) {
                    unit.copyTo(bitmap.layout(), bitmap.data(), reported);
                } else {
                    unit.add(reported);
                }
            } catch (Throwable e) {
                broken(e);
                markAll(bitmap, e);
                throw e;
            }
        }
        if (peeking) {
            unit.copyTo(bitmap.layout(), bitmap.data());
            return;
        }
        unit.moveTo(bitmap.layout(), bitmap.data());
        if (unit.isRetired() && unit.isClean()) {
            units.remove(unit);
            unit.close();
        }
    }

    private static void markAll(TrackedBitmap bitmap, Throwable because) {
        try {
            bitmap.markAll();
        } catch (RuntimeException e) {
            because.addSuppressed(e); // its arena has been closed meanwhile
        }
    }

    private MemorySegment report(Unit unit, boolean clear) {
        MemorySegment bitmap = scratch.zeroed(unit.bitmapBytes());
        unit.transport().report(unit.range(), bitmap, clear);
        return bitmap;
    }

    private void broken(Throwable e) {
        if (failure == null) {
            failure = e;
        }
        sources.forEach(source -> source.state().owesAll(true));
    }

    /**
     * Takes the dirt of a mapping, and then lets it go.
     *
     * @param addressSpace whose mapping it is
     * @param mapping the mapping
     * @param unmap removes it, where no call does both
     */
    public void unmap(Object addressSpace, IovaRange mapping, Runnable unmap) {
        lock.lock();
        try {
            if (closed || failure != null || !take(addressSpace, mapping)) {
                unmap.run();
            }
            units.stream()
                    .filter(unit -> unit.isMappingOf(addressSpace, mapping))
                    .forEach(Unit::retire);
            blind = unreported();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the dirt of a mapping into the logs, and tells whether that has removed the mapping as well. */
    private boolean take(Object addressSpace, IovaRange mapping) {
        boolean gone = false;
        try {
            for (Unit unit : units) {
                if (unit.isRetired() || unit.range().intersection(mapping).isEmpty()) {
                    continue;
                }
                MemorySegment bitmap = scratch.zeroed(unit.bitmapBytes());
                if (unit.isMappingOf(addressSpace, mapping) && unit.transport().unmapAndReport(mapping, bitmap)) {
                    gone = true;
                } else {
                    unit.transport().report(unit.range(), bitmap, true);
                }
                unit.add(bitmap);
            }
            return gone;
        } catch (Throwable e) {
            broken(e);
            throw e;
        }
    }

    /**
     * Tracks a mapping that has come.
     *
     * @param addressSpace whose mapping it is
     * @param mapping the mapping
     */
    public void mapped(Object addressSpace, IovaRange mapping) {
        lock.lock();
        try {
            for (int i = 0; i < transports.size(); i++) {
                Source source = sources.get(i);
                Transport transport = transports.get(i);
                boolean known = units.stream()
                        .anyMatch(unit -> unit.transport() == transport
                                && !unit.isRetired()
                                && unit.isMappingOf(addressSpace, mapping));
                if (source.owner() == addressSpace
                        && !known
                        && transport.tracksMappings()
                        && transport.isReportable(mapping)) {
                    add(new Unit(source.owner(), transport, mapping, false));
                }
            }
            blind = unreported();
        } finally {
            lock.unlock();
        }
    }

    /** What of the ranges is no unit of some transport. Without a transport that is all of them. */
    private List<IovaRange> unreported() {
        if (transports.isEmpty()) {
            return ranges;
        }
        List<IovaRange> result = new ArrayList<>();
        for (Transport transport : transports) {
            List<IovaRange> reported = units.stream()
                    .filter(unit -> unit.transport() == transport && !unit.isRetired())
                    .map(Unit::range)
                    .toList();
            result.addAll(Ranges.without(ranges, reported));
        }
        return IovaRange.cover(result, 1, Integer.MAX_VALUE);
    }

    /** Stops tracking and releases everything. Closing again does nothing. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            release(sources.stream().map(Source::state).toList(), null);
        } finally {
            lock.unlock();
        }
    }

    /** Releases everything, whatever fails on the way; that is suppressed into the cause, or else thrown at the end. */
    private void release(List<SourceState> claimed, @Nullable Throwable cause) {
        closed = true;
        Throwable first = cause;
        for (Transport transport : transports.reversed()) {
            try {
                transport.stop();
            } catch (RuntimeException e) {
                first = firstOf(first, e);
            }
        }
        for (int i = 0; i < transports.size(); i++) {
            settle(sources.get(i).state(), transports.get(i));
        }
        units.forEach(Unit::close);
        scratch.close();
        arena.close();
        claimed.forEach(SourceState::release);
        if (cause == null && first instanceof RuntimeException e) {
            throw e;
        }
    }

    private static Throwable firstOf(@Nullable Throwable first, RuntimeException next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }

    /** A source that owed everything still does, unless this session has handed it all over. */
    private void settle(SourceState state, Transport transport) {
        if (failure == null && state.owesAll()) {
            state.owesAll(units.stream().anyMatch(unit -> unit.transport() == transport && !unit.isClean()));
        }
    }
}
