package dev.iovabitmap.spi;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all bitmaps share: whether one is closed or iterated over, the bounds of every argument, and the windows. A backend
 * adds how bits are set in its kind of memory.
 */
public abstract class AbstractIovaBitmap implements IovaBitmap {
    private final IovaBitmapLayout layout;
    private final MemorySegment data;
    private final long iova;
    private final int pageShift;

    /** The layout's length while the bitmap is open, then 0: no range is inside a bitmap that is closed. */
    private long openLength;

    private boolean iterating;

    /**
     * Checks that the data can hold the layout's bits and may be written to from this thread.
     *
     * @param layout the range and page size
     * @param data the words
     * @throws IllegalArgumentException if the data is read-only or too small
     * @throws IllegalStateException if the arena of the data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     */
    protected AbstractIovaBitmap(IovaBitmapLayout layout, MemorySegment data) {
        this.layout = Objects.requireNonNull(layout, "layout");
        this.data = Objects.requireNonNull(data, "data");
        this.iova = layout.iova();
        this.pageShift = layout.pageShift();
        this.openLength = layout.length();
        requireUsableData();
        if (data.isReadOnly()) {
            throw new IllegalArgumentException("data is read-only: " + data);
        }
        if (data.byteSize() < layout.byteSize()) {
            throw new IllegalArgumentException("data of " + data.byteSize() + " bytes is smaller than the "
                    + layout.byteSize() + " bytes of " + layout);
        }
    }

    /**
     * Sets bits. Called with bits that exist, on an open bitmap.
     *
     * @param firstBit the first bit, unsigned
     * @param lastBit the last bit, unsigned, inclusive, not below the first
     */
    protected abstract void setBits(long firstBit, long lastBit);

    /** Called by {@link #forEach} before the first window. Nothing is done by default; what it throws ends the iteration. */
    protected void beforeForEach() {}

    /**
     * Called by {@link #forEach} before the callback of a window, so that a tracker can harvest. Nothing is done by default;
     * what it throws ends the iteration.
     *
     * @param iova the window's first address, unsigned
     * @param length its length in bytes, unsigned
     */
    protected void beforeWindow(long iova, long length) {}

    @Override
    public final IovaBitmapLayout layout() {
        return layout;
    }

    @Override
    public final MemorySegment data() {
        return data;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A backend may override this only to call it. What the compiler then makes of it is for that class alone and calls
     * its {@link #setBits} directly; otherwise all backends share this one, and to reach their bits is a second virtual call.
     */
    @Override
    public void set(long iova, long length) {
        long offset = iova - this.iova;
        if (!IovaBitmapLayout.isInside(offset, length, openLength)) {
            setNothing(iova, length);
            return;
        }
        setBits(offset >>> pageShift, (offset + length - 1) >>> pageShift);
    }

    /** Says what is wrong with a range that has no bits to set, unless it is only empty. */
    private void setNothing(long iova, long length) {
        requireOpen();
        layout.requireInside(iova, length);
        requireUsableData();
    }

    @Override
    public final <A extends @Nullable Object, X extends Exception> void forEach(
            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
        requireOpen();
        Objects.requireNonNull(callback, "callback");
        requireUsableData();
        if (iterating) {
            throw new IllegalStateException("forEach is already under way on this bitmap");
        }
        long pageOffset = data.address() & (IovaBitmapLayout.BASE_PAGE_SIZE - 1);
        long windows = layout.windowCount(pageOffset, IovaBitmapLayout.BASE_PAGE_SIZE);
        iterating = true;
        try {
            beforeForEach();
            for (long window = 0; window < windows; window++) {
                requireUsableData(); // the last callback may have closed the arena
                long iova = layout.windowIova(window, pageOffset, IovaBitmapLayout.BASE_PAGE_SIZE);
                long length = layout.windowLength(window, pageOffset, IovaBitmapLayout.BASE_PAGE_SIZE);
                beforeWindow(iova, length);
                callback.onRange(this, iova, length, opaque);
            }
        } finally {
            iterating = false;
        }
    }

    @Override
    public final void close() {
        if (iterating) {
            throw new IllegalStateException("close inside a callback of forEach");
        }
        openLength = 0;
    }

    private void requireOpen() {
        if (openLength == 0) {
            throw new IllegalStateException("the bitmap is closed");
        }
    }

    private void requireUsableData() {
        if (!data.scope().isAlive()) {
            throw new IllegalStateException("data: its arena is closed");
        }
        if (!data.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("data: " + Thread.currentThread() + " may not touch it");
        }
    }
}
