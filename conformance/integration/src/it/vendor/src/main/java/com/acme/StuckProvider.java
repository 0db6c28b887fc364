package com.acme;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/** Broken on purpose: a range of more than a million pages is waited for, for ever. */
public final class StuckProvider extends FileProvider {
    @Override
    public String name() {
        return "acme-stuck";
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return new FileBitmap(new IovaBitmapLayout(iova, length, pageSize), data) {
            @Override
            protected void setBits(long firstBit, long lastBit) {
                while (lastBit - firstBit > 1_000_000) {
                    LockSupport.park();
                }
                super.setBits(firstBit, lastBit);
            }
        };
    }
}
