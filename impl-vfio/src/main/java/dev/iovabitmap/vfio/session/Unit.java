package dev.iovabitmap.vfio.session;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.transport.Transport;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What one report asks for, and the session's log of it: dirt that the kernel has forgotten and no bitmap has yet. */
final class Unit implements AutoCloseable {
    private final Object owner;
    private final Transport transport;
    private final IovaRange range;
    private final IovaBitmapLayout layout;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment log;

    /** Whether the unit is no longer asked for, since its mapping is gone. Its log is still handed over. */
    private boolean retired;

    Unit(Object owner, Transport transport, IovaRange range, boolean allDirty) {
        this.owner = owner;
        this.transport = transport;
        this.range = range;
        this.layout = new IovaBitmapLayout(range.iova(), range.length(), transport.granule());
        this.log = arena.allocate(layout.byteSize(), Long.BYTES);
        if (allDirty) {
            SegmentWords.set(log, 0, layout.bitCount() - 1);
        }
    }

    /** {@return whether this unit is a mapping of an address space} */
    boolean isMappingOf(Object addressSpace, IovaRange mapping) {
        return owner == addressSpace && transport.tracksMappings() && range.equals(mapping);
    }

    Transport transport() {
        return transport;
    }

    IovaRange range() {
        return range;
    }

    long bitmapBytes() {
        return layout.byteSize();
    }

    void retire() {
        retired = true;
    }

    boolean isRetired() {
        return retired;
    }

    /** Adds what a report wrote. What it wrote above the unit's bits, as some kernels do, is not looked at. */
    void add(MemorySegment reported) {
        DirtyPages.merge(layout, reported, layout, log);
    }

    /** Moves the dirt that a bitmap covers into its data; what it covers in part stays here as well. */
    void moveTo(IovaBitmapLayout into, MemorySegment data) {
        copyTo(into, data, log);
        IovaRange common = common(into);
        // a page that the bitmap's range cuts is owed to another bitmap still
        long before = common.iova() - range.iova();
        long first = (before >>> layout.pageShift()) + ((before & (layout.pageSize() - 1)) == 0 ? 0 : 1);
        long end = common.lastIova() == range.lastIova()
                ? layout.bitCount()
                : (common.lastIova() + 1 - range.iova()) >>> layout.pageShift();
        if (first < end) {
            SegmentWords.clear(log, first, end - 1);
        }
    }

    /** Copies the dirt in the log that a bitmap covers into its data. */
    void copyTo(IovaBitmapLayout into, MemorySegment data) {
        copyTo(into, data, log);
    }

    /**
     * Copies dirt that a bitmap covers into its data.
     *
     * @param into the bitmap's layout, which has addresses in common with this unit
     * @param data the bitmap's words
     * @param bits the unit's bits, in the log or in what a report wrote
     */
    void copyTo(IovaBitmapLayout into, MemorySegment data, MemorySegment bits) {
        IovaRange common = common(into);
        // from the start of a word, since a bitmap starts with one; what lies before the bitmap merging leaves out
        long firstBit = layout.bitOf(common.iova()) & -Long.SIZE;
        long first = layout.iovaOf(firstBit);
        IovaBitmapLayout part = new IovaBitmapLayout(first, common.lastIova() - first + 1, layout.pageSize());
        MemorySegment from = bits.asSlice(firstBit >>> 3, part.byteSize());
        long offset = first - into.iova();
        boolean sameWords = part.pageSize() == into.pageSize()
                && into.contains(part.iova(), part.length())
                && (offset & (into.pageSize() - 1)) == 0
                && ((offset >>> into.pageShift()) & (Long.SIZE - 1)) == 0;
        if (sameWords) {
            DirtyPages.merge(part, from, part, data.asSlice(offset >>> into.pageShift() >>> 3));
        } else {
            DirtyPages.merge(part, from, into, data);
        }
    }

    boolean isClean() {
        return DirtyPages.count(layout, log) == 0;
    }

    private IovaRange common(IovaBitmapLayout other) {
        return range.intersection(new IovaRange(other.iova(), other.length())).orElseThrow();
    }

    @Override
    public void close() {
        arena.close();
    }
}
