package dev.iovabitmap.conformance.vendor;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/** A vendor's provider that keeps the rules; the wrong ones beside it differ from it in one thing. */
public class Right implements IovaBitmapProvider {
    @Override
    public String name() {
        return "right";
    }

    @Override
    public String version() {
        return "1.2.3";
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
        return new Bytewise(new IovaBitmapLayout(iova, length, pageSize), data);
    }

    private static final class Bytewise extends AbstractIovaBitmap {
        Bytewise(IovaBitmapLayout layout, MemorySegment data) {
            super(layout, data);
        }

        @Override
        protected void setBits(long firstBit, long lastBit) {
            long first = firstBit >>> 3;
            long last = lastBit >>> 3;
            int head = 0xFF << (firstBit & 7);
            int tail = 0xFF >>> (7 - (lastBit & 7));
            if (first == last) {
                or(first, head & tail);
                return;
            }
            or(first, head);
            data().asSlice(first + 1, last - first - 1).fill((byte) 0xFF);
            or(last, tail);
        }

        private void or(long index, int bits) {
            data().set(ValueLayout.JAVA_BYTE, index, (byte) (data().get(ValueLayout.JAVA_BYTE, index) | bits));
        }
    }
}
