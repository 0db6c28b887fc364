package com.acme;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Marks pages byte by byte. The checks, the windows and the life cycle are inherited. */
class FileBitmap extends AbstractIovaBitmap {
    FileBitmap(IovaBitmapLayout layout, MemorySegment data) {
        super(layout, data);
        if (!data.isMapped()) {
            throw new IllegalArgumentException("data is no mapped file: " + data);
        }
    }

    @Override
    protected void setBits(long firstBit, long lastBit) {
        long first = firstBit >>> 3;
        long last = lastBit >>> 3;
        for (long at = first; at <= last; at++) {
            int from = at == first ? (int) (firstBit & 7) : 0;
            int to = at == last ? (int) (lastBit & 7) : 7;
            int mask = (0xff << from) & (0xff >> (7 - to));
            data().set(ValueLayout.JAVA_BYTE, at, (byte) (data().get(ValueLayout.JAVA_BYTE, at) | mask));
        }
    }
}
