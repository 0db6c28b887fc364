package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.library;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.DirtyPages.RangeVisitor;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Library;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/** Our own reading and arithmetic, wrong in one place each. */
public final class ReadFaults {
    private ReadFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return Stream.of(wholeBitmaps(), PartFaults.all(), TakeFaults.all())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Fault> wholeBitmaps() {
        return List.of(
                library("READ-1", "the last range is not cut", new Library() {
                    @Override
                    public <X extends Exception> void forEachRange(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(
                                layout,
                                data,
                                (iova, length) ->
                                        visitor.onRange(iova, (length + layout.pageSize() - 1) & -layout.pageSize()));
                    }
                }),
                library("READ-1", "ranges end at words", new Library() {
                    @Override
                    public <X extends Exception> void forEachRange(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(layout, data, (iova, length) -> {
                            long first = layout.bitOf(iova);
                            long last = layout.bitOf(iova + length - 1);
                            for (long bit = first; bit <= last; bit = (bit | 63) + 1) {
                                long end = Math.min(bit | 63, last);
                                visitor.onRange(layout.iovaOf(bit), layout.lengthOf(bit, end));
                            }
                        });
                    }
                }),
                library("READ-2", "strays are counted", new Library() {
                    @Override
                    public long count(IovaBitmapLayout layout, MemorySegment data) {
                        return DirtyPages.count(new IovaBitmapLayout(0, layout.wordCount() * 64, 1), data);
                    }
                }),
                library("READ-3", "other page sizes are ignored", new Library() {
                    @Override
                    public void merge(
                            IovaBitmapLayout from,
                            MemorySegment fromData,
                            IovaBitmapLayout into,
                            MemorySegment intoData) {
                        if (from.pageSize() == into.pageSize()) {
                            DirtyPages.merge(from, fromData, into, intoData);
                        }
                    }
                }),
                library("READ-4", "drain does not clear", new Library() {
                    @Override
                    public <X extends Exception> void drain(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(layout, data, visitor);
                    }
                }),
                library("READ-4", "drain visits first and clears then", new Library() {
                    @Override
                    public <X extends Exception> void drain(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(layout, data, visitor);
                        DirtyPages.clear(layout, data);
                    }
                }),
                library("READ-5", "clear zeroes whole words", new Library() {
                    @Override
                    public void clear(IovaBitmapLayout layout, MemorySegment data) {
                        data.asSlice(0, layout.byteSize()).fill((byte) 0);
                    }
                }),
                library("HW-7", "ranges are not aligned out", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        IovaRange.cover(ranges, pageSize, limit);
                        return IovaRange.cover(ranges, 1, limit);
                    }
                }),
                library("HW-7", "ranges that touch are not merged", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        IovaRange.cover(ranges, pageSize, limit);
                        return ranges.size() <= limit && pageSize == 1
                                ? ranges
                                : IovaRange.cover(ranges, pageSize, limit);
                    }
                }),
                library("HW-7", "more ranges than the limit become their hull", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        List<IovaRange> merged = IovaRange.cover(ranges, pageSize, Integer.MAX_VALUE);
                        return merged.size() <= limit && limit > 0
                                ? merged
                                : IovaRange.cover(ranges, pageSize, Math.min(limit, 1));
                    }
                }));
    }
}
