package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.DirtyPages.RangeVisitor;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Library;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Our own reading and arithmetic, wrong in one place each. */
final class LibraryFaults {
    private LibraryFaults() {}

    record Fault(String name, String rule, Library library) {
        @Override
        public String toString() {
            return rule + " " + name;
        }
    }

    static List<Fault> all() {
        return List.of(
                new Fault("the last range is not cut", "READ-1", new Library() {
                    @Override
                    public <X extends Exception> void forEachRange(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(
                                layout,
                                data,
                                (iova, length) ->
                                        visitor.onRange(iova, length + layout.pageSize() - 1 & -layout.pageSize()));
                    }
                }),
                new Fault("ranges end at words", "READ-1", new Library() {
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
                new Fault("strays are counted", "READ-2", new Library() {
                    @Override
                    public long count(IovaBitmapLayout layout, MemorySegment data) {
                        return DirtyPages.count(new IovaBitmapLayout(0, layout.wordCount() * 64, 1), data);
                    }
                }),
                new Fault("other page sizes are ignored", "READ-3", new Library() {
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
                new Fault("drain does not clear", "READ-4", new Library() {
                    @Override
                    public <X extends Exception> void drain(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(layout, data, visitor);
                    }
                }),
                new Fault("drain visits first and clears then", "READ-4", new Library() {
                    @Override
                    public <X extends Exception> void drain(
                            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
                        DirtyPages.<X>forEachRange(layout, data, visitor);
                        DirtyPages.clear(layout, data);
                    }
                }),
                new Fault("clear zeroes whole words", "READ-5", new Library() {
                    @Override
                    public void clear(IovaBitmapLayout layout, MemorySegment data) {
                        data.asSlice(0, layout.byteSize()).fill((byte) 0);
                    }
                }),
                new Fault("the base page is always 4 KiB", "WIN-7", new Library() {
                    @Override
                    public long windowLength(IovaBitmapLayout layout, long index, long pageOffset, long basePageSize) {
                        return layout.windowLength(index, pageOffset % 4096, 4096);
                    }
                }),
                new Fault("ranges are not aligned out", "HW-7", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        IovaRange.cover(ranges, pageSize, limit);
                        return IovaRange.cover(ranges, 1, limit);
                    }
                }),
                new Fault("ranges that touch are not merged", "HW-7", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        IovaRange.cover(ranges, pageSize, limit);
                        return ranges.size() <= limit && pageSize == 1
                                ? ranges
                                : IovaRange.cover(ranges, pageSize, limit);
                    }
                }),
                new Fault("more ranges than the limit become their hull", "HW-7", new Library() {
                    @Override
                    public List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
                        List<IovaRange> merged = IovaRange.cover(ranges, pageSize, Integer.MAX_VALUE);
                        return merged.size() <= limit && limit > 0
                                ? merged
                                : IovaRange.cover(ranges, pageSize, Math.min(limit, 1));
                    }
                }),
                new Fault("the number of windows is an int", "WIN-7", new Library() {
                    @Override
                    public long windowCount(IovaBitmapLayout layout, long pageOffset, long basePageSize) {
                        return (int) layout.windowCount(pageOffset, basePageSize);
                    }
                }));
    }
}
