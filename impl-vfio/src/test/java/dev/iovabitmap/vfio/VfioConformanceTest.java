package dev.iovabitmap.vfio;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;

class VfioConformanceTest extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new VfioProvider();
    }
}
