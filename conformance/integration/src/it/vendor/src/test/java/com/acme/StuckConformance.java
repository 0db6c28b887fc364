package com.acme;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.time.Duration;

/** Runs only when it is asked for by name, since it never comes to its end. */
class StuckConformance extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new StuckProvider();
    }

    @Override
    protected Duration patience() {
        return Duration.ofSeconds(10); // the two minutes that it is by default are long for a build
    }
}
