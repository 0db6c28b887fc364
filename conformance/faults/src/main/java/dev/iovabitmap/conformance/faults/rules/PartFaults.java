package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.library;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.DirtyPages.RangeVisitor;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Library;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** Reading a part of a bitmap, wrong in one place each. */
final class PartFaults {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PartFaults() {}

    static List<Fault> all() {
        return List.of(
                library("READ-6", "ranges of a part end at pages", new Library() {
                    @Override
                    public <X extends Exception> void forEachRange(
                            IovaBitmapLayout layout,
                            MemorySegment data,
                            long iova,
                            long length,
                            RangeVisitor<? extends X> visitor)
                            throws X {
                        DirtyPages.<X>forEachRange(layout, data, iova, length, (at, size) -> {
                            long first = layout.bitOf(at);
                            visitor.onRange(layout.iovaOf(first), layout.lengthOf(first, layout.bitOf(at + size - 1)));
                        });
                    }
                }),
                library("READ-6", "pages that a part cuts are not counted", new Library() {
                    @Override
                    public long count(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        long[] count = {DirtyPages.count(layout, data, iova, length)};
                        DirtyPages.forEachRange(layout, data, iova, length, (at, size) -> {
                            if (layout.iovaOf(layout.bitOf(at)) != at) {
                                count[0]--;
                            }
                        });
                        return count[0];
                    }
                }),
                library("READ-6", "a part is clipped where it should be refused", new Library() {
                    @Override
                    public long count(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        return layout.contains(iova, length)
                                ? DirtyPages.count(layout, data, iova, length)
                                : DirtyPages.count(layout, data);
                    }
                }),
                library("READ-6", "drain clears pages that the part cuts", new Library() {
                    @Override
                    public <X extends Exception> void drain(
                            IovaBitmapLayout layout,
                            MemorySegment data,
                            long iova,
                            long length,
                            RangeVisitor<? extends X> visitor)
                            throws X {
                        DirtyPages.<X>drain(layout, data, iova, length, visitor);
                        pagesOf(layout, data, iova, length);
                    }
                }),
                library("READ-6", "clear clears pages that the part cuts", new Library() {
                    @Override
                    public void clear(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        DirtyPages.clear(layout, data, iova, length);
                        pagesOf(layout, data, iova, length);
                    }
                }),
                library("READ-6", "a page that is cut at the end of the space stays dirty", new Library() {
                    @Override
                    public void clear(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        long end = iova + length;
                        long cut = (end - layout.iova()) & (layout.pageSize() - 1);
                        boolean shorter = Long.compareUnsigned(cut, length) < 0;
                        DirtyPages.clear(layout, data, iova, length);
                        if (shorter && cut != 0 && end - 1 == layout.lastIova()) {
                            mark(data, layout.bitOf(end - 1));
                        }
                    }
                }),
                library("READ-6", "a part of length 0 has a page", new Library() {
                    @Override
                    public long count(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        return length == 0 && layout.contains(iova, 1)
                                ? DirtyPages.count(layout, data, iova, 1)
                                : DirtyPages.count(layout, data, iova, length);
                    }
                }),
                library("READ-6", "clear of a part writes back the words at its ends", new Library() {
                    @Override
                    public void clear(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
                        if (length != 0 && layout.contains(iova, length)) {
                            long at = layout.bitOf(iova) / 64 * 8;
                            long word = data.get(WORD, at);
                            Thread.onSpinWait(); // what others set here is lost
                            data.set(WORD, at, word);
                        }
                        DirtyPages.clear(layout, data, iova, length);
                    }
                }),
                library("READ-6", "the next dirty page begins after the address", new Library() {
                    @Override
                    public long nextDirty(IovaBitmapLayout layout, MemorySegment data, long iova) {
                        long next = DirtyPages.nextDirty(layout, data, iova);
                        return next != iova || !layout.contains(iova, 1)
                                ? next
                                : DirtyPages.nextDirty(layout, data, DirtyPages.nextClean(layout, data, iova));
                    }
                }),
                library("READ-6", "a stray bit is a clean page after the last", new Library() {
                    @Override
                    public long nextClean(IovaBitmapLayout layout, MemorySegment data, long iova) {
                        long next = DirtyPages.nextClean(layout, data, iova);
                        return next == layout.lastIova() + 1 && layout.contains(iova, 1) ? layout.lastIova() : next;
                    }
                }));
    }

    private static void pagesOf(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
        if (length != 0) {
            long first = layout.bitOf(iova);
            DirtyPages.clear(
                    layout, data, layout.iovaOf(first), layout.lengthOf(first, layout.bitOf(iova + length - 1)));
        }
    }

    private static void mark(MemorySegment data, long bit) {
        long at = bit / 64 * 8;
        data.set(WORD, at, data.get(WORD, at) | 1L << bit);
    }
}
