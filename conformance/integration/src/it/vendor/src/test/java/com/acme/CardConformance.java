package com.acme;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Map;

/** Runs only when it is asked for by name, since it fails. */
class CardConformance extends IovaBitmapConformance {
    @Override
    protected IovaBitmapProvider provider() {
        return new CardProvider();
    }

    @Override
    protected Map<String, String> hardwareOptions() {
        return Map.of("tier", "simulated", "transport", "iommufd");
    }
}
