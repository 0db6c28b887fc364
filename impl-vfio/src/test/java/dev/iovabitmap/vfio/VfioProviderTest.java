package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VfioProviderTest {
    private final IovaBitmapProvider provider = IovaBitmapProvider.named("vfio");

    @Test
    void tellsWhatItCanDo() {
        assertTrue(provider.availability().isAvailable());
        assertEquals(
                Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.HARDWARE, Feature.PEEK),
                provider.features());
        assertEquals(List.of("log", "type1", "iommufd"), provider.transports());
    }

    @Test
    void allocatesAPlainBitmap() {
        MemorySegment data = Arena.ofAuto().allocate(8);
        try (IovaBitmap bitmap = provider.allocate(0, 4 * 4096, 4096, data)) {
            bitmap.set(4096, 1);
        }
        assertEquals(2, data.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"log", "type1", "iommufd"})
    void opensEveryVariantAndLeavesNothing(String transport) {
        List<String> variants;
        try (HardwareHarness harness = open(Map.of("transport", transport))) {
            variants = harness.variants();
        }
        assertEquals(variants.stream().distinct().toList(), variants);
        for (String variant : variants) {
            HardwareHarness harness = open(Map.of("transport", transport, "variant", variant));
            harness.track(harness.trackable(), 4096).close();
            harness.close();
            assertTrue(
                    harness.held().values().stream().allMatch(count -> count == 0),
                    () -> harness.held().toString());
        }
    }

    /** Whatever this machine is: nothing that is missing here is an exception. */
    @Test
    void examinesThisHost() {
        List<Finding> findings = provider.examine(Map.of("device", "no such device"));
        assertTrue(findings.stream().anyMatch(finding -> finding.meaning().contains("no such device")));
    }

    private HardwareHarness open(Map<String, String> options) {
        return provider.hardware(options).orElseThrow();
    }

    @Test
    void saysWhatThereIs() {
        var transport = assertThrows(IllegalArgumentException.class, () -> open(Map.of("transport", "dma")));
        assertEquals("transport 'dma' is none of log, type1, iommufd", transport.getMessage());
        var variant = assertThrows(IllegalArgumentException.class, () -> open(Map.of("variant", "5.4")));
        assertTrue(variant.getMessage().startsWith("variant '5.4' is none of [6.1, "), variant::getMessage);
        assertEquals(Optional.empty(), provider.hardware(Map.of("tier", "kernel")));
        var hardware = assertThrows(IllegalStateException.class, () -> open(Map.of("tier", "hardware")));
        assertTrue(hardware.getMessage().contains("vendor"), hardware::getMessage);
    }
}
