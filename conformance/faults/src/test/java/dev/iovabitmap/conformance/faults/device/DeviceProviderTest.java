package dev.iovabitmap.conformance.faults.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.faults.Trial;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of devices pass on a right one, whatever it is like, and say which of them could not be tried. */
class DeviceProviderTest {
    static List<TestCase> tests() {
        return TestCatalogue.all().stream()
                .filter(test -> test.needs().contains(Feature.HARDWARE))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {42, 0, -1})
    void aRightDevicePasses(long seed) {
        Trial run = Trial.of(new DeviceProvider(), tests(), seed, DeviceProvider.SIMULATED);
        assertEquals(Map.of(), run.failures());
        assertEquals(tests().size(), run.methods().size());
    }

    /** A harness that can do nothing but track and write, and reports too much. */
    private static final class Poor extends RightDevice {
        Poor(String variant) {
            super(variant);
            mapped.subList(1, mapped.size()).clear();
        }

        @Override
        public boolean isExact() {
            return false;
        }

        @Override
        public boolean failNextReport() {
            return false;
        }

        @Override
        public boolean unmap(IovaRange range) {
            return false;
        }

        @Override
        public boolean map(IovaRange range) {
            return false;
        }

        @Override
        public boolean unmapAsOwner(IovaRange range) {
            return false;
        }

        @Override
        public List<String> neighbours() {
            return List.of();
        }

        @Override
        public List<HardwareHarness> duplicates() {
            return List.of();
        }

        @Override
        public boolean beforeEachCall(Runnable action) {
            return false;
        }

        @Override
        public Map<String, Long> held() {
            return Map.of();
        }
    }

    @Test
    void whatAHarnessCannotDoIsNotPassed() {
        Hardware kernel = new Hardware(Map.of("tier", "kernel"), List.of());
        DeviceProvider poor = new DeviceProvider() {
            @Override
            public java.util.Optional<HardwareHarness> hardware(Map<String, String> options) {
                return java.util.Optional.of(new Poor(""));
            }
        };
        Map<String, Throwable> failures =
                new TreeMap<>(Trial.of(poor, tests(), 1, kernel).failures());
        assertTrue(failures.values().stream().allMatch(NotOffered.class::isInstance), failures::toString);
        Set<String> tried = new java.util.TreeSet<>();
        tests().stream()
                .filter(test -> !failures.containsKey(test.id() + "[1]"))
                .forEach(test -> tried.addAll(test.rules()));
        assertFalse(tried.contains("HW-4") || tried.contains("HW-10") || tried.contains("HW-6"), tried::toString);
        assertTrue(tried.containsAll(Set.of("HW-1", "HW-3", "HW-8", "HW-12", "HW-13")), tried::toString);
    }

    @Test
    void aSimulatedKernelCanAlwaysFailAReport() {
        DeviceProvider poor = new DeviceProvider(Poor::new);
        Map<String, Throwable> failures = Trial.of(
                        poor, tests(), 1, new Hardware(Map.of("tier", "simulated"), List.of()))
                .failures();
        assertTrue(
                failures.get("ReportErrorTest.everythingIsMarkedAndTheErrorSurfaces[1]") instanceof AssertionError,
                failures::toString);
    }
}
