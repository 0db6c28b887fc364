package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.transport.Transport;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A transport whose dirt and failures a test commands; it notes what it is asked. */
final class ScriptedTransport implements Transport {
    final List<String> calls = new ArrayList<>();
    final TreeSet<Long> dirty = new TreeSet<>(Long::compareUnsigned);
    final long granule;
    final List<IovaRange> units;
    boolean mappings;
    boolean peeks;
    boolean unmaps;
    int strayBits;

    @Nullable
    RuntimeException failure;

    ScriptedTransport(long granule, IovaRange... units) {
        this.granule = granule;
        this.units = List.of(units);
    }

    /** Dirties the granule of an address. */
    void write(long iova) {
        dirty.add(iova & -granule);
    }

    private void call(String name) {
        calls.add(name);
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
    }

    @Override
    public void start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        call("start");
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public List<IovaRange> units() {
        return units;
    }

    @Override
    public void report(IovaRange unit, MemorySegment bitmap, boolean clear) {
        IovaBitmapLayout layout = new IovaBitmapLayout(unit.iova(), unit.length(), granule);
        for (long iova : List.copyOf(dirty)) {
            if (layout.contains(iova, 1)) {
                SegmentWords.set(bitmap, layout.bitOf(iova), layout.bitOf(iova));
                if (clear) {
                    dirty.remove(iova);
                }
            }
        }
        if (strayBits > 0) {
            SegmentWords.set(bitmap, layout.bitCount(), layout.bitCount() + strayBits - 1);
        }
        call("report " + unit + (clear ? "" : " peeking"));
    }

    @Override
    public boolean canPeek() {
        return peeks;
    }

    @Override
    public boolean tracksMappings() {
        return mappings;
    }

    @Override
    public boolean isReportable(IovaRange mapping) {
        return true;
    }

    @Override
    public boolean unmapAndReport(IovaRange mapping, MemorySegment bitmap) {
        if (unmaps) {
            report(mapping, bitmap, true);
        }
        return unmaps;
    }

    @Override
    public void stop() {
        call("stop");
    }
}
