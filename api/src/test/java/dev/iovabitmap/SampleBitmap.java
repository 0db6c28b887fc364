package dev.iovabitmap;

import dev.iovabitmap.spi.AbstractIovaBitmap;
import java.lang.foreign.MemorySegment;

/** The least that a backend adds, and what it was asked for last. */
public final class SampleBitmap extends AbstractIovaBitmap {
    public long firstBit = -1;
    public long lastBit = -1;

    public SampleBitmap(IovaBitmapLayout layout, MemorySegment data) {
        super(layout, data);
    }

    @Override
    protected void setBits(long firstBit, long lastBit) {
        this.firstBit = firstBit;
        this.lastBit = lastBit;
    }
}
