package com.example;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Tracks the dirty pages of a guest, on whatever backend is there. No line of it names one. */
public final class Migration implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final IovaBitmapProvider backend;
    private final IovaBitmapLayout layout;
    private final MemorySegment words;
    private final IovaBitmap bitmap;

    public Migration(long iova, long length, long pageSize) {
        backend = IovaBitmapProvider.all().stream()
                .filter(each -> each.availability().isAvailable())
                .filter(each -> !each.features().contains(Feature.CONCURRENT_SET))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no backend of IOVA bitmaps is on the class path"));
        layout = new IovaBitmapLayout(iova, length, pageSize);
        words = backend.allocateData(layout.byteSize(), 0, arena);
        bitmap = backend.allocate(iova, length, pageSize, words);
    }

    public String backend() {
        return backend.name();
    }

    public void dirty(long iova, long length) {
        bitmap.set(iova, length);
    }

    /** {@return what to send again} It is clean afterwards. */
    public List<IovaRange> take() {
        List<IovaRange> ranges = new ArrayList<>();
        DirtyPages.drain(layout, words, (iova, length) -> ranges.add(new IovaRange(iova, length)));
        return ranges;
    }

    @Override
    public void close() {
        bitmap.close();
        arena.close();
    }
}
