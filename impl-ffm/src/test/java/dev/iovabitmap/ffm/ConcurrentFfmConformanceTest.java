package dev.iovabitmap.ffm;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;

class ConcurrentFfmConformanceTest extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new ConcurrentFfmProvider();
    }
}
