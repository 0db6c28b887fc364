package dev.iovabitmap.heap;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;

class HeapConformanceTest extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new HeapProvider();
    }
}
