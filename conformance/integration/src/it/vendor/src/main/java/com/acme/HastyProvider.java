package com.acme;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;

/** Broken on purpose: where a range covers several pages, the last one is forgotten. */
public final class HastyProvider extends FileProvider {
    @Override
    public String name() {
        return "acme-hasty";
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return new FileBitmap(new IovaBitmapLayout(iova, length, pageSize), data) {
            @Override
            protected void setBits(long firstBit, long lastBit) {
                super.setBits(firstBit, firstBit == lastBit ? lastBit : lastBit - 1);
            }
        };
    }
}
