package com.acme;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;

class FileConformanceTest extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new FileProvider();
    }
}
