package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.OpenFile;
import dev.iovabitmap.vfio.transport.LogTransport;
import dev.iovabitmap.vfio.transport.MappingTransport;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A transport of either kind whose dirt and failures a test commands; it notes what it is asked. */
final class ScriptedTransport implements LogTransport, MappingTransport {
    final List<String> calls = new ArrayList<>();
    final TreeSet<Long> dirty = new TreeSet<>(Long::compareUnsigned);
    final long granule;
    final List<IovaRange> units;
    boolean supported = true;
    boolean peeks;
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
    public String kind() {
        return "script";
    }

    @Override
    public void use(OpenFile file) {}

    @Override
    public void leave(OpenFile file) {}

    @Override
    public boolean isSupported() {
        return supported;
    }

    @Override
    public List<IovaRange> start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        call("start");
        return units;
    }

    @Override
    public void start() {
        call("start");
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public boolean isReportable(IovaRange unit) {
        return true;
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
    public void stop() {
        call("stop");
    }
}
