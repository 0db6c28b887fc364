package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A provider whose device is a model of one, at tier simulated. */
public class DeviceProvider extends RightProvider {
    /** What it claims. */
    public static final Set<Feature> FEATURES = Set.of(
            Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET, Feature.HARDWARE, Feature.PEEK);

    /** How its device is reached. */
    public static final Hardware SIMULATED = new Hardware(Map.of("tier", "simulated"), RightDevice.VARIANTS);

    private final Function<String, HardwareHarness> devices;

    /** Creates the right one. */
    public DeviceProvider() {
        this(RightDevice::new);
    }

    /** Creates one whose devices are made by variant; the name of none is empty. */
    DeviceProvider(Function<String, HardwareHarness> devices) {
        super(FEATURES);
        this.devices = devices;
    }

    /** One that is wrong about holes. */
    public static final class Forgetful extends DeviceProvider {
        /** Creates the provider. */
        public Forgetful() {
            super(DeviceHistory.ENDING_AT_HOLES);
        }
    }

    /** One that says it has a kernel's device too, which no test can tell from the simulated one. */
    public static final class Both extends DeviceProvider {
        /** Creates the provider. */
        public Both() {}

        @Override
        public Optional<HardwareHarness> hardware(Map<String, String> options) {
            if ("hardware".equals(options.get("tier"))) {
                throw new IllegalStateException("the device is in the repair shop");
            }
            return Optional.of(new RightDevice(options.getOrDefault("variant", "")));
        }
    }

    @Override
    public String name() {
        return "model";
    }

    @Override
    public List<String> transports() {
        return List.of("log", "type1");
    }

    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        String variant = options.getOrDefault("variant", "");
        if (!variant.isEmpty() && !RightDevice.VARIANTS.contains(variant)) {
            throw new IllegalArgumentException("there is no variant '" + variant + "'");
        }
        return "simulated".equals(options.get("tier")) ? Optional.of(devices.apply(variant)) : Optional.empty();
    }
}
