package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.spi.HardwareHarness;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A device that logs whole pages of its own, and its mappings. Right and slow, in methods that a wrong one overrides. */
class RightDevice implements HardwareHarness {
    /** Two that touch, a hole, one with a hole on both sides, and the top of the space. */
    private static final List<IovaRange> MAPPED = List.of(
            new IovaRange(16L << 20, 8L << 20),
            new IovaRange(24L << 20, 40L << 20),
            new IovaRange(1L << 30, 2L << 20),
            new IovaRange(-1L << 20, 1L << 20));

    private static final List<String> NEIGHBOURS = List.of("like-it", "untracked");

    static final List<String> VARIANTS = List.of("pages-of-64k", "entries-of-2m", "acknowledges-64-pages");

    /** A report that failed. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed() {
            super("report gave EIO");
        }
    }

    final List<IovaRange> mapped = new ArrayList<>(MAPPED);
    final Addresses dirty = new Addresses();
    final long granule;
    /** What a report clears at least: all that it touches in pieces of so many bytes. */
    private final long cleared;

    boolean logging;
    boolean failNext;
    /** A report failed, and no bitmap has covered these addresses since, in any session. */
    final Addresses unknown = new Addresses();

    @Nullable
    RightSession open;

    final List<RightNeighbour> present = new ArrayList<>();

    private Runnable beforeEachCall = () -> {};

    long scratch;

    RightDevice(String variant) {
        granule = variant.equals("pages-of-64k") ? 65536 : 4096;
        cleared = switch (variant) {
            case "entries-of-2m" -> 2L << 20;
            case "acknowledges-64-pages" -> 64 * 4096;
            default -> granule;
        };
    }

    @Override
    public List<IovaRange> trackable() {
        return List.copyOf(mapped);
    }

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        if (open != null) {
            throw new IllegalStateException("a session is open");
        }
        RightSession session = session(IovaRange.cover(ranges, granule, 8));
        open = session;
        enable();
        return session;
    }

    RightSession session(List<IovaRange> ranges) {
        return new RightSession(this, ranges);
    }

    /** Begins to log, with nothing in the log. */
    void enable() {
        beforeEachCall.run();
        dirty.clear();
        present.forEach(RightNeighbour::startLogging);
        logging = true;
        scratch++;
    }

    void disable() {
        logging = false;
        present.forEach(RightNeighbour::stopLogging);
        scratch--;
        open = null;
    }

    @Override
    public void write(long iova, long length) {
        if (logging) {
            dirty.add(aligned(Addresses.stretch(iova, length), granule));
        }
    }

    /** {@return what is dirty in a unit} It is cleared, with all that shares a piece with it. */
    List<Stretch> report(Stretch unit, boolean clear) {
        beforeEachCall.run();
        failIfTold();
        List<Stretch> found = new ArrayList<>(dirty.within(unit));
        present.forEach(neighbour -> found.addAll(neighbour.dirty.within(unit)));
        if (clear) {
            dirty.remove(aligned(unit, cleared));
            present.forEach(neighbour -> neighbour.dirty.remove(aligned(unit, cleared)));
        }
        return found;
    }

    void failIfTold() {
        if (failNext) {
            failNext = false;
            throw new Failed();
        }
    }

    /** What a report may clear beyond a mapping belongs to nobody; the pieces of two mappings are not shared. */
    static Stretch aligned(Stretch stretch, long size) {
        BigInteger page = BigInteger.valueOf(size);
        return new Stretch(
                stretch.first().divide(page).multiply(page),
                stretch.last().divide(page).add(BigInteger.ONE).multiply(page).subtract(BigInteger.ONE));
    }

    /** {@return the mappings that a stretch touches} */
    List<Stretch> mappingsOf(Stretch where) {
        Addresses touched = new Addresses();
        List<Stretch> units = new ArrayList<>();
        for (IovaRange range : mapped) {
            Stretch mapping = Addresses.stretch(range.iova(), range.length());
            touched.clear();
            touched.add(mapping);
            if (!touched.within(where).isEmpty()) {
                units.add(mapping);
            }
        }
        return units;
    }

    @Override
    public boolean isExact() {
        return true;
    }

    @Override
    public List<String> variants() {
        return VARIANTS;
    }

    @Override
    public boolean failNextReport() {
        failNext = true;
        return true;
    }

    @Override
    public boolean unmap(IovaRange range) {
        if (open != null) {
            open.beforeUnmap(stretchOf(range));
        }
        return unmapNow(range);
    }

    @Override
    public boolean unmapAsOwner(IovaRange range) {
        forgetMapping(range);
        return unmapNow(range);
    }

    /** What an owner calls before it unmaps. */
    void forgetMapping(IovaRange range) {
        if (open != null) {
            open.beforeUnmap(stretchOf(range));
        }
    }

    private boolean unmapNow(IovaRange range) {
        beforeEachCall.run();
        dirty.remove(stretchOf(range));
        present.forEach(neighbour -> neighbour.dirty.remove(stretchOf(range)));
        return mapped.remove(range);
    }

    @Override
    public boolean map(IovaRange range) {
        beforeEachCall.run();
        if (open != null) {
            open.mappedAgain(stretchOf(range));
        }
        return mapped.add(range);
    }

    static Stretch stretchOf(IovaRange range) {
        return Addresses.stretch(range.iova(), range.length());
    }

    @Override
    public List<String> neighbours() {
        return NEIGHBOURS;
    }

    @Override
    public Neighbour plug(String name) {
        RightNeighbour neighbour = new RightNeighbour(this, !name.equals("untracked"));
        present.add(neighbour);
        beforeEachCall.run();
        if (open != null) {
            open.joined(neighbour);
        }
        return neighbour;
    }

    @Override
    public List<HardwareHarness> duplicates() {
        return List.of(new Duplicate(this));
    }

    /** The same device through another object, which shares all that is known of it. */
    static class Duplicate implements HardwareHarness {
        final RightDevice device;

        Duplicate(RightDevice device) {
            this.device = device;
        }

        @Override
        public List<IovaRange> trackable() {
            return device.trackable();
        }

        @Override
        public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
            return device.track(ranges, pageSize);
        }

        @Override
        public void write(long iova, long length) {
            device.write(iova, length);
        }

        @Override
        public void close() {}
    }

    @Override
    public boolean beforeEachCall(Runnable action) {
        beforeEachCall = action;
        return true;
    }

    @Override
    public Map<String, Long> held() {
        return Map.of("scratch", scratch, "sessions", open == null ? 0L : 1L);
    }

    @Override
    public void close() {
        dirty.clear();
    }
}
