package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks a provider for its device. A provider that breaks the form causes an exception, which {@link ProviderProbe} reports. */
final class DeviceProbe {
    private static final Pattern TRANSPORT = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern VARIANT = Pattern.compile("[!-~]{1,80}");

    private DeviceProbe() {}

    /**
     * What became of the question.
     *
     * @param unavailable why there is no device, or null if there is one
     * @param variants its variants
     */
    record Answer(@Nullable String unavailable, List<String> variants) {
        static Answer no(String why) {
            return new Answer(why, List.of());
        }
    }

    static Answer of(IovaBitmapProvider provider, Set<Feature> features, Order order) {
        if (!features.contains(Feature.HARDWARE)) {
            return Answer.no(
                    "it does not claim the feature HARDWARE, so nothing can stand behind it at tier " + order.tier());
        }
        List<String> transports = transports(provider);
        String transport = order.transport();
        if (transport != null && !transports.contains(transport)) {
            return Answer.no("it has no transport '" + transport + "'; "
                    + (transports.isEmpty() ? "it names none" : "there are: " + String.join(", ", transports)));
        }
        Optional<HardwareHarness> harness;
        try {
            harness = Objects.requireNonNull(provider.hardware(order.hardwareOptions()), "hardware(...) returned null");
        } catch (IllegalStateException | IllegalArgumentException cannot) {
            return Answer.no("its device at tier " + order.tier() + " cannot be used: " + cannot.getMessage());
        }
        if (harness.isEmpty()) {
            return Answer.no("there is no device at tier " + order.tier());
        }
        try (HardwareHarness opened = harness.get()) {
            return new Answer(null, variants(opened));
        }
    }

    /**
     * What a provider can be certified with.
     *
     * @param simulated whether its device can be simulated here
     * @param transports the ways to its device
     */
    record Ways(boolean simulated, List<String> transports) {
        static final Ways NONE = new Ways(false, List.of());
    }

    static Ways waysOf(IovaBitmapProvider provider) {
        if (!provider.features().contains(Feature.HARDWARE)
                || !provider.availability().isAvailable()) {
            return Ways.NONE;
        }
        List<String> transports = transports(provider);
        try {
            Optional<HardwareHarness> harness = provider.hardware(Map.of("tier", Tier.SIMULATED.toString()));
            harness.ifPresent(HardwareHarness::close);
            return new Ways(harness.isPresent(), transports);
        } catch (RuntimeException cannot) {
            return new Ways(false, transports);
        }
    }

    private static List<String> transports(IovaBitmapProvider provider) {
        List<String> transports = List.copyOf(provider.transports());
        transports.forEach(name -> require(TRANSPORT, name, "transport"));
        requireDistinct(transports, "transports()");
        return transports;
    }

    private static List<String> variants(HardwareHarness harness) {
        List<String> variants = List.copyOf(harness.variants());
        variants.forEach(name -> require(VARIANT, name, "variant"));
        requireDistinct(variants, "variants()");
        if (variants.contains(Hardware.PLAIN)) {
            throw new IllegalArgumentException(
                    "'" + Hardware.PLAIN + "' is what the device without a variant is called");
        }
        return variants;
    }

    private static void require(Pattern form, String name, String what) {
        if (!form.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a " + what + ": one matches " + form.pattern());
        }
    }

    private static void requireDistinct(List<String> names, String what) {
        if (new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException(what + " has a name twice: " + names);
        }
    }
}
