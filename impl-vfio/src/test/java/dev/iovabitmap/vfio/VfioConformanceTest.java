package dev.iovabitmap.vfio;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Plain bitmaps, and each transport with the simulated kernel. */
class VfioConformanceTest {
    abstract static class OfVfio extends IovaBitmapConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new VfioProvider();
        }
    }

    @Nested
    class Memory extends OfVfio {}

    @Nested
    class Log extends OfVfio {
        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("tier", "simulated", "transport", "log");
        }
    }

    @Nested
    class Type1 extends OfVfio {
        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("tier", "simulated", "transport", "type1");
        }
    }

    @Nested
    class Iommufd extends OfVfio {
        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("tier", "simulated", "transport", "iommufd");
        }
    }
}
