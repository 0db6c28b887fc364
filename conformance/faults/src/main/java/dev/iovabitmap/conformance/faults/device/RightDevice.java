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
    /** A report failed, and since then nobody has been told of these. */
    final Addresses unknown = new Addresses();

    @Nullable
    RightSession open;

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
        dirty.clear();
        logging = true;
        scratch++;
    }

    void disable() {
        logging = false;
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
        failIfTold();
        List<Stretch> found = dirty.within(unit);
        if (clear) {
            dirty.remove(aligned(unit, cleared));
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
        Stretch gone = Addresses.stretch(range.iova(), range.length());
        if (open != null) {
            open.beforeUnmap(gone);
        }
        dirty.remove(gone);
        return mapped.remove(range);
    }

    @Override
    public boolean map(IovaRange range) {
        if (open != null) {
            open.untracked.remove(Addresses.stretch(range.iova(), range.length()));
        }
        return mapped.add(range);
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
