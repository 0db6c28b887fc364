package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.session.Device.Leaving;
import dev.iovabitmap.vfio.session.Unit.Access;
import dev.iovabitmap.vfio.transport.LogTransport;
import dev.iovabitmap.vfio.transport.MappingTransport;
import dev.iovabitmap.vfio.transport.Transport;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

// A report makes the kernel forget. From that moment until a bitmap of the caller has it, a page's dirt is in this
// process alone, so it passes through places of which at least one always holds it: scratch, then the session's log,
// then the caller's data. It leaves the log only after it is in the data. A unit is asked for whole and once in a
// forEach, in the window where it or the bitmap begins; so windows never cut what a report asks for. Whatever goes
// wrong between asking and the log means that dirt may be lost: then every page is dirty, here and in the next session
// of anything that was tracked.
//
// What nothing vouches for is marked: what no unit covers, everything while a device can write that nothing tracks, and
// once what is owed.

/** A tracking session over everything that can write to some memory: what was started for it, and the dirt on its way. */
public final class Session implements AutoCloseable {
    /** What was started, and what it is asked for. */
    private record Running(Entry entry, Transport transport, Units units) {
        boolean asks(Unit unit) {
            return unit.access() == Access.WRITABLE && transport.isReportable(unit.range());
        }

        boolean vouchesFor(Unit unit) {
            return unit.access() == Access.READ_ONLY || asks(unit);
        }
    }

    private final ReentrantLock lock;
    private final Scratch scratch = new Scratch();
    private final Set<Entry> involved = new LinkedHashSet<>();
    private final Set<Entry> claimed = new LinkedHashSet<>();
    private final Map<Transport, Running> running = new LinkedHashMap<>();
    private final boolean tracksNothing;
    private final List<IovaRange> asked;
    private final long pageSize;
    private final int maxRanges;

    /** What bitmaps may cover. */
    private List<IovaRange> ranges = List.of();

    private final RangeSet covered = new RangeSet();

    /** What was started since a device came. */
    private final Map<Device, Entry> startedFor = new LinkedHashMap<>();

    /** Who writes at the moment without being tracked. */
    private final Set<Device> untracked = new LinkedHashSet<>();

    /** Dirt by the page size of its pages. */
    private final Map<Long, DirtyLog> logs = new TreeMap<>();

    /** What is dirty once, since nobody could tell. */
    private final RangeSet owed = new RangeSet();

    /** What an earlier session owed, and this one where it failed: it goes on to the next. */
    private final RangeSet debt = new RangeSet();

    private @Nullable Throwable failure;
    private boolean closed;

    private Session(ReentrantLock lock, Plan plan, List<IovaRange> asked, long pageSize, int maxRanges) {
        this.lock = lock;
        this.tracksNothing = !plan.isComplete();
        this.asked = asked;
        this.pageSize = pageSize;
        this.maxRanges = maxRanges;
    }

    /**
     * Starts tracking.
     *
     * @param lock what is held while anything is read or changed that sessions share
     * @param plan what to track with; if it is not complete, everything is dirty
     * @param ranges what to track
     * @param pageSize the page size to ask for, unsigned, a power of two
     * @param maxRanges how many ranges a device is asked to log at most
     * @return the session
     * @throws IllegalStateException if another open session tracks with one of the plan's
     */
    public static Session start(ReentrantLock lock, Plan plan, List<IovaRange> ranges, long pageSize, int maxRanges) {
        List<IovaRange> aligned = IovaRange.cover(ranges, pageSize, Integer.MAX_VALUE);
        if (aligned.isEmpty()) {
            throw new IllegalArgumentException("ranges is empty: there is nothing to track");
        }
        lock.lock();
        try {
            Session session = new Session(lock, plan, aligned, pageSize, maxRanges);
            try {
                session.startAll(plan);
                return session;
            } catch (Throwable e) {
                session.closeAfter(e);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    private void startAll(Plan plan) {
        if (!tracksNothing) {
            plan.tracking().forEach(this::start);
        }
        ranges = IovaRange.cover(asked, grantedPageSize(pageSize), Integer.MAX_VALUE);
        ranges.forEach(covered::add);
        plan.involved().forEach(this::involve);
    }

    /** Hears of what joins and leaves, and takes over what is owed. */
    void involve(Entry entry) {
        if (involved.add(entry)) {
            ranges.forEach(range -> entry.owed.within(range).forEach(debt::add));
            ranges.forEach(entry.owed::remove);
            if (entry instanceof Space space) {
                space.sessions.add(this);
            }
        }
    }

    private void start(Entry entry) {
        entry.claim(this);
        claimed.add(entry);
        try {
            switch (entry) {
                case Device device -> start(device, device.log());
                case Space space -> space.tables().forEach(table -> start(space, table));
            }
        } catch (Throwable e) {
            try {
                stop(entry);
            } catch (RuntimeException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** Stops what was started of an entry, and lets others have it. */
    private void stop(Entry entry) {
        List<Transport> started = running.values().stream()
                .filter(source -> source.entry == entry)
                .map(Running::transport)
                .toList();
        started.forEach(running::remove);
        claimed.remove(entry);
        entry.session = null;
        Failures.all(started.reversed(), Transport::stop);
    }

    private void start(Device device, LogTransport log) {
        Units units = new Units();
        log.start(asked, pageSize, maxRanges)
                .forEach(range -> units.put(new Unit(range, MemorySegment.NULL, Access.WRITABLE)));
        run(new Running(device, log, units));
    }

    /** Starts what tracks in an address space, of which nothing is known to have written yet. */
    void start(Space space, MappingTransport table) {
        table.start();
        run(new Running(space, table, space.mappings));
    }

    private void run(Running source) {
        running.put(source.transport, source);
        logs.computeIfAbsent(source.transport.granule(), DirtyLog::new);
    }

    void drop(Transport transport) {
        running.remove(transport);
    }

    /** A device comes: it is tracked from now on, or everything is dirty for as long as it is there. */
    void join(Device device) {
        involve(device);
        boolean known = claimed.contains(device) || untracked.contains(device);
        if (tracksNothing || known || (device.isTranslated() && claimed.contains(device.space()))) {
            return;
        }
        Space space = device.space();
        Entry tracker = device.session == null && device.log().isSupported()
                ? device
                : device.isTranslated() && space.session == null && space.whyNot() == null ? space : null;
        if (tracker == null) {
            untracked.add(device);
        } else {
            start(tracker);
            startedFor.put(device, tracker);
        }
    }

    /** A device goes, or does not come after all: what it could write is taken while it can be asked. */
    void leave(Device device, Leaving how) {
        involved.remove(device);
        boolean loses = untracked.remove(device) || (claimed.contains(device) && how == Leaving.ATTACHED);
        if (loses && how != Leaving.NEVER_ATTACHED) {
            ranges.forEach(owed::add);
        }
        Entry started = startedFor.remove(device);
        Entry stopped = claimed.contains(device) ? device : how == Leaving.NEVER_ATTACHED ? started : null;
        if (stopped != null) {
            stop(stopped, how == Leaving.DETACHED ? running.get(device.log()) : null);
        }
    }

    /** Takes what a log has, if there is one to ask, and stops what was started. */
    private void stop(Entry entry, @Nullable Running log) {
        List<Runnable> steps = new ArrayList<>();
        if (log != null && failure == null) {
            log.units.all().stream().filter(log::asks).forEach(unit -> steps.add(() -> take(log, unit)));
        }
        steps.add(() -> stop(entry));
        Failures.all(steps, Runnable::run);
    }

    /** {@return what bitmaps may cover, ascending and disjoint} */
    public List<IovaRange> ranges() {
        return ranges;
    }

    /** {@return the coarsest page size that was reported in so far, or what was asked for if nothing is} */
    public long grantedPageSize(long otherwise) {
        lock.lock();
        try {
            return logs.keySet().stream().max(Unsigned::compare).orElse(otherwise);
        } finally {
            lock.unlock();
        }
    }

    /** {@return what tracks, or {@code nothing} if everything is dirty} */
    public String trackedBy() {
        lock.lock();
        try {
            return tracksNothing || !untracked.isEmpty()
                    ? "nothing"
                    : claimed.stream().map(Entry::kind).distinct().collect(Collectors.joining(" and "));
        } finally {
            lock.unlock();
        }
    }

    /** {@return what tracks a device, or {@code nothing}} */
    public String trackedBy(Device device) {
        lock.lock();
        try {
            if (claimed.contains(device)) {
                return device.kind();
            }
            boolean bySpace = device.isTranslated() && claimed.contains(device.space());
            return bySpace ? device.space().kind() : "nothing";
        } finally {
            lock.unlock();
        }
    }

    /** Allocates a bitmap; see {@link dev.iovabitmap.DirtyTracker#allocate} and {@link dev.iovabitmap.DirtyTracker#peek}. */
    public IovaBitmap allocate(IovaBitmapLayout layout, MemorySegment data, boolean peeking) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the session is closed");
            }
            IovaRange range = new IovaRange(layout.iova(), layout.length());
            if (!covered.within(range).equals(List.of(range))) {
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
            IovaRange window = new IovaRange(windowIova, windowLength);
            boolean firstWindow = windowIova == bitmap.layout().iova();
            for (Running source : List.copyOf(running.values())) {
                for (Unit unit : source.units.within(window)) {
                    if (source.asks(unit)
                            && (firstWindow || !Unsigned.less(unit.range().iova(), windowIova))) {
                        harvest(source, unit, bitmap, peeking);
                    }
                }
                source.units.gaps(window, source::vouchesFor, gap -> bitmap.set(gap.iova(), gap.length()));
            }
            if (tracksNothing || !untracked.isEmpty()) {
                bitmap.set(windowIova, windowLength);
            }
            for (RangeSet once : List.of(owed, debt)) {
                once.within(window).forEach(range -> bitmap.set(range.iova(), range.length()));
                if (!peeking) {
                    once.remove(window);
                }
            }
            logs.values().forEach(log -> log.handOver(bitmap, peeking ? null : covered));
        } finally {
            lock.unlock();
        }
    }

    private void harvest(Running source, Unit unit, TrackedBitmap bitmap, boolean peeking) {
        try {
            if (peeking && source.transport.canPeek()) {
                DirtyLog seen = new DirtyLog(source.transport.granule());
                report(source, unit, seen, false);
                seen.handOver(bitmap, null);
            } else {
                take(source, unit);
            }
        } catch (Throwable e) {
            if (failure != null) {
                markAll(bitmap, e);
            }
            throw e;
        }
    }

    /** Asks for a unit's dirt and puts it into the log. Wherever that ends, dirt may be lost. */
    private void take(Running source, Unit unit) {
        report(source, unit, Objects.requireNonNull(logs.get(source.transport.granule())), true);
    }

    private void report(Running source, Unit unit, DirtyLog into, boolean clear) {
        try {
            IovaRange range = unit.range();
            long bytes = new IovaBitmapLayout(range.iova(), range.length(), source.transport.granule()).byteSize();
            MemorySegment reported = scratch.zeroed(bytes);
            source.transport.report(range, reported, clear);
            covered.within(range).forEach(common -> into.add(range, common, reported));
        } catch (Throwable e) {
            if (failure == null) {
                failure = e;
            }
            ranges.forEach(debt::add);
            throw e;
        }
    }

    private static void markAll(TrackedBitmap bitmap, Throwable because) {
        try {
            bitmap.markAll();
        } catch (RuntimeException e) {
            because.addSuppressed(e); // its arena has been closed meanwhile
        }
    }

    /** Marks addresses once. */
    void owe(IovaRange range) {
        covered.within(range).forEach(owed::add);
    }

    /** {@return how many pages are dirty and no bitmap has taken yet} */
    long pagesOnTheirWay() {
        return logs.values().stream().mapToLong(DirtyLog::count).sum();
    }

    /** Stops tracking and releases everything. Closing again does nothing. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                Failures.all(List.copyOf(claimed).reversed(), this::stop);
            } finally {
                for (Entry entry : involved) {
                    entry.owed.addAll(debt);
                    if (entry instanceof Space space) {
                        space.sessions.remove(this);
                    }
                }
                scratch.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeAfter(Throwable failed) {
        try {
            close();
        } catch (RuntimeException e) {
            failed.addSuppressed(e);
        }
    }
}
