package dev.iovabitmap.integration;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/** Loses the first bit of each word but the one that a range starts in, so that a report has something to show. */
public final class LossyProvider implements IovaBitmapProvider {
    @Override
    public String name() {
        return "lossy";
    }

    @Override
    public String version() {
        return "0.9.1";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA);
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return new Lossy(new IovaBitmapLayout(iova, length, pageSize), data);
    }

    private static final class Lossy extends AbstractIovaBitmap {
        Lossy(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            for (long bit = firstBit; bit <= lastBit; bit++) {
                if (bit == firstBit || bit % Long.SIZE != 0) {
                    byte old = data().get(ValueLayout.JAVA_BYTE, bit >>> 3);
                    data().set(ValueLayout.JAVA_BYTE, bit >>> 3, (byte) (old | 1 << (bit & 7)));
                }
            }
        }
    }
}
