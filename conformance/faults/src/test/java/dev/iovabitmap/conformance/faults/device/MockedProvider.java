package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.spi.HardwareHarness;
import java.util.Map;
import java.util.Optional;

/** One that has the same device at each tier: what a certificate at tier kernel rests on can be shown without a kernel. */
public final class MockedProvider extends DeviceProvider {
    /** Creates the provider. */
    public MockedProvider() {}

    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        return Optional.of(new RightDevice(options.getOrDefault("variant", "")));
    }
}
