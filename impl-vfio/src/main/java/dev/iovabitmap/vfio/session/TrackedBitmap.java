package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import dev.iovabitmap.words.SegmentWords;
import java.lang.foreign.MemorySegment;

/** A bitmap over the caller's words, off the heap, that a session hands its dirt to. */
final class TrackedBitmap extends AbstractIovaBitmap {
    private final Session session;
    private final boolean peeking;

    TrackedBitmap(Session session, IovaBitmapLayout layout, MemorySegment data, boolean peeking) {
        super(layout, data);
        if (!data.isNative()) {
            throw new IllegalArgumentException(
                    "data is on the heap: " + data + "; this provider takes native and mapped memory");
        }
        this.session = session;
        this.peeking = peeking;
    }

    @Override
    protected void beforeForEach() {
        session.requireRunning(this);
    }

    @Override
    protected void beforeWindow(long iova, long length) {
        session.harvest(this, iova, length, peeking);
    }

    @Override
    public void set(long iova, long length) {
        super.set(iova, length); // compiled for this class alone: see there
    }

    @Override
    protected void setBits(long firstBit, long lastBit) {
        SegmentWords.set(data(), firstBit, lastBit);
    }

    /** Marks every page, since nothing is known any more. */
    void markAll() {
        setBits(0, layout().bitCount() - 1);
    }
}
