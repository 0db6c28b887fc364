package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.vfio.VfioProvider;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What the mutation run judges sessions and transports by: the tests that drive a device, on the simulated kernel. Each version
 * of that, and each misbehaviour of the newest, is a test of its own, so that a mutant dies by the first that notices; and so is
 * each device that the harness of {@code impl-vfio} does not have ({@link OddDevice}). Not run
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

    @TestFactory
    Stream<DynamicTest> odd() {
        IovaBitmapProvider provider = new OddProvider();
        return Stream.of(OddDevice.Kind.values())
                .map(kind -> new Hardware(Map.of("device", kind.name()), List.of()))
                .flatMap(hardware -> tests(provider.features()).map(test -> SuiteTests.of(provider, test, hardware)));
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
        return tests(provider.features())
                .flatMap(test -> test.method().isAnnotationPresent(EachVariant.class)
                        ? variants.stream().map(variant -> SuiteTests.of(provider, test, hardware(transport, variant)))
                        : Stream.of(SuiteTests.of(provider, test, new Hardware(options, List.of()))));
    }

    /** {@return the tests that drive a device} */
    private static Stream<TestCase> tests(Set<Feature> features) {
        return TestCatalogue.all().stream()
                .filter(test -> test.needs().contains(Feature.HARDWARE) && test.appliesTo(features));
    }

    /** The device is the variant from the start, and has no other. */
    private static Hardware hardware(String transport, String variant) {
        return new Hardware(Map.of("tier", "simulated", "transport", transport, "variant", variant), List.of());
    }

    /** The provider whose harness drives an {@link OddDevice}. */
    private static final class OddProvider implements IovaBitmapProvider {
        private final IovaBitmapProvider plain = new VfioProvider();

        @Override
        public String name() {
            return "vfio-odd";
        }

        @Override
        public Set<Feature> features() {
            return plain.features();
        }

        @Override
        public Availability availability() {
            return plain.availability();
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return plain.allocate(iova, length, pageSize, data);
        }

        @Override
        public Optional<HardwareHarness> hardware(Map<String, String> options) {
            OddDevice.Kind kind = OddDevice.Kind.valueOf(Objects.requireNonNull(options.get("device")));
            return Optional.of(new OddDevice(kind));
        }
    }
}
