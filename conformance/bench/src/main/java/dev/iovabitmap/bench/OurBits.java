package dev.iovabitmap.bench;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.heap.HeapIovaBitmap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A bitmap of this project. Its memory lives as long as it is reachable. */
final class OurBits extends Bits {
    private static final long PAGE_SIZE = 1L << PAGE_SHIFT;

    final IovaBitmap bitmap;
    final IovaBitmapLayout layout;
    final MemorySegment data;
    private final IovaBitmapLayout coarserLayout;
    private final DirtyPages.RangeVisitor<RuntimeException> visitor = (iova, length) -> this.total += iova ^ length;
    private long total;

    OurBits(IovaBitmap bitmap) {
        this.bitmap = bitmap;
        this.layout = bitmap.layout();
        this.coarserLayout = new IovaBitmapLayout(0, layout.length(), PAGE_SIZE << COARSER_SHIFT);
        this.data = bitmap.data();
    }

    static OurBits heap(long pages) {
        IovaBitmapLayout layout = layout(pages);
        return new OurBits(HeapIovaBitmap.over(layout, new long[(int) layout.wordCount()]));
    }

    static OurBits concurrentHeap(long pages) {
        IovaBitmapLayout layout = layout(pages);
        return new OurBits(HeapIovaBitmap.concurrentOver(layout, new long[(int) layout.wordCount()]));
    }

    static OurBits ffm(long pages) {
        IovaBitmapLayout layout = layout(pages);
        return new OurBits(FfmIovaBitmap.over(layout, Arena.ofAuto().allocate(layout.byteSize(), PAGE_SIZE)));
    }

    static OurBits concurrentFfm(long pages) {
        IovaBitmapLayout layout = layout(pages);
        return new OurBits(FfmIovaBitmap.concurrentOver(layout, Arena.ofAuto().allocate(layout.byteSize(), PAGE_SIZE)));
    }

    /** Over a file that is deleted already, with holes where nothing is written. */
    static OurBits mapped(long pages) {
        IovaBitmapLayout layout = layout(pages);
        try {
            Path file = Files.createTempFile("iova-bitmap", ".words");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return new OurBits(FfmIovaBitmap.over(
                        layout, channel.map(FileChannel.MapMode.READ_WRITE, 0, layout.byteSize(), Arena.ofAuto())));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static IovaBitmapLayout layout(long pages) {
        return new IovaBitmapLayout(0, pages << PAGE_SHIFT, PAGE_SIZE);
    }

    @Override
    void set(long page) {
        bitmap.set(page << PAGE_SHIFT, PAGE_SIZE);
    }

    @Override
    void set(long firstPage, long pages) {
        bitmap.set(firstPage << PAGE_SHIFT, pages << PAGE_SHIFT);
    }

    @Override
    long visit() {
        total = 0;
        DirtyPages.forEachRange(layout, data, visitor);
        return total;
    }

    @Override
    long drain() {
        total = 0;
        DirtyPages.drain(layout, data, visitor);
        return total;
    }

    @Override
    long count() {
        return DirtyPages.count(layout, data);
    }

    @Override
    void merge(Bits same) {
        OurBits other = (OurBits) same;
        DirtyPages.merge(other.layout, other.data, layout, data);
    }

    @Override
    void mergeCoarser(Bits coarser) {
        OurBits other = (OurBits) coarser;
        DirtyPages.merge(layout, data, coarserLayout, other.data);
    }

    @Override
    void clear() {
        DirtyPages.clear(layout, data);
    }
}
