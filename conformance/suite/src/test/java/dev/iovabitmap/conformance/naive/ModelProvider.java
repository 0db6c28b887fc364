package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A provider whose device is a model of one, at tier simulated. */
public class ModelProvider extends NaiveProvider {
    /** What it claims. */
    public static final Set<Feature> FEATURES = Set.of(
            Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET, Feature.HARDWARE, Feature.PEEK);

    private final Function<String, HardwareHarness> devices;

    /** Creates the right one. */
    public ModelProvider() {
        this(ModelDevice::new);
    }

    /** Creates one whose devices are made by variant; the name of none is empty. */
    ModelProvider(Function<String, HardwareHarness> devices) {
        super(FEATURES);
        this.devices = devices;
    }

    /** One that is wrong about holes. */
    public static final class Forgetful extends ModelProvider {
        /** Creates the provider. */
        public Forgetful() {
            super(ModelErrorFaults.mapping().stream()
                    .filter(fault -> fault.rule().equals("HW-11"))
                    .findFirst()
                    .orElseThrow()
                    .maker());
        }
    }

    /** One that says it has a kernel's device too, which no test can tell from the simulated one. */
    public static final class Both extends ModelProvider {
        /** Creates the provider. */
        public Both() {}

        @Override
        public Optional<HardwareHarness> hardware(Map<String, String> options) {
            if ("hardware".equals(options.get("tier"))) {
                throw new IllegalStateException("the device is in the repair shop");
            }
            return Optional.of(new ModelDevice(options.getOrDefault("variant", "")));
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
        if (!variant.isEmpty() && !ModelDevice.VARIANTS.contains(variant)) {
            throw new IllegalArgumentException("there is no variant '" + variant + "'");
        }
        return "simulated".equals(options.get("tier")) ? Optional.of(devices.apply(variant)) : Optional.empty();
    }
}
