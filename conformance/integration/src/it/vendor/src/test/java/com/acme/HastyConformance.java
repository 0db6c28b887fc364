package com.acme;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;

/** Runs only when it is asked for by name, since it fails. */
class HastyConformance extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new HastyProvider();
    }
}
