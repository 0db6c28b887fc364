package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.VfioProvider;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What the mutation run judges sessions and transports by: the tests that drive a device, on the simulated kernel. Each version
 * of that, and each misbehaviour of the newest, is a test of its own, so that a mutant dies by the first that notices. Not run
 * in a normal build, where the conformance tests of {@code impl-vfio} run the same, with all misbehaviours of all versions.
 */
class VfioBackend {
    private static final String NEWEST = "6.12";

    @TestFactory
    Stream<DynamicTest> log() {
        return suite("log");
    }

    @TestFactory
    Stream<DynamicTest> type1() {
        return suite("type1");
    }

    @TestFactory
    Stream<DynamicTest> iommufd() {
        return suite("iommufd");
    }

    /** The arithmetic on ranges that sessions rest on. */
    @TestFactory
    Stream<DynamicTest> ranges() {
        return TestCatalogue.all().stream()
                .filter(test -> test.rules().stream().allMatch(rule -> rule.startsWith("HW-"))
                        && !test.needs().contains(Feature.HARDWARE))
                .map(test -> SuiteTests.of(new VfioProvider(), test, Hardware.NONE));
    }

    private static Stream<DynamicTest> suite(String transport) {
        VfioProvider provider = new VfioProvider();
        Map<String, String> options = Map.of("tier", "simulated", "transport", transport);
        List<String> variants;
        try (HardwareHarness harness = provider.hardware(options).orElseThrow()) {
            variants = harness.variants().stream()
                    .filter(variant -> variant.startsWith(NEWEST) || !variant.contains("-"))
                    .toList();
        }
        return TestCatalogue.all().stream()
                .filter(test -> test.needs().contains(Feature.HARDWARE) && test.appliesTo(provider.features()))
                .flatMap(test -> test.method().isAnnotationPresent(EachVariant.class)
                        ? variants.stream().map(variant -> SuiteTests.of(provider, test, hardware(transport, variant)))
                        : Stream.of(SuiteTests.of(provider, test, new Hardware(options, List.of()))));
    }

    /** The device is the variant from the start, and has no other. */
    private static Hardware hardware(String transport, String variant) {
        return new Hardware(Map.of("tier", "simulated", "transport", transport, "variant", variant), List.of());
    }
}
