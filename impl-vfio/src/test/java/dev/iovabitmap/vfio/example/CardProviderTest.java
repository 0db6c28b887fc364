package dev.iovabitmap.vfio.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A vendor's harness on top of Vfio, with a simulated kernel in place of the card. */
class CardProviderTest {
    private final SimulatedKernel kernel =
            SimulatedKernel.builder(KernelVersion.V6_12).emulatedIommu(0).build();
    private final CardProvider provider = new CardProvider(
            () -> Vfio.of(kernel),
            name -> name.equals("0000:3b:00.2") ? Optional.of(new SimulatedCard(kernel)) : Optional.empty());

    @ParameterizedTest
    @ValueSource(strings = {"log", "type1"})
    void whatTheCardWritesIsReportedAndNothingIsHeldAfterwards(String transport) {
        Map<String, String> options = Map.of("tier", "hardware", "device", "0000:3b:00.2", "transport", transport);
        MemorySegment data = Arena.ofAuto().allocate(8, 8);
        try (HardwareHarness harness = provider.hardware(options).orElseThrow()) {
            IovaRange range = harness.trackable().get(0);
            try (DirtyTracker tracker = harness.track(harness.trackable(), 4096);
                    IovaBitmap bitmap = tracker.allocate(range.iova(), 64 * 4096, 4096, data)) {
                harness.write(range.iova() + 5 * 4096, 1);
                bitmap.forEach(null, (it, iova, length, nothing) -> {});
            }
        }
        assertEquals(1L << 5, data.get(ValueLayout.JAVA_LONG, 0));
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void aCardThatIsNotThereIsNoHarness() {
        assertEquals(Optional.empty(), provider.hardware(Map.of("tier", "hardware", "device", "0000:00:00.0")));
        assertEquals(Optional.empty(), new CardProvider().hardware(Map.of("tier", "hardware")));
    }

    /** The rules, with the card simulated, which a certificate of the real one rests on. */
    @Nested
    class Simulated extends IovaBitmapConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new CardProvider();
        }

        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("tier", "simulated", "transport", "log");
        }
    }

    @Test
    void isWhatTheDocumentationShows() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        String source =
                Files.readString(root.resolve("impl-vfio/src/test/java/dev/iovabitmap/vfio/example/CardHarness.java"));
        String page = Files.readString(root.resolve("docs/certifying.md"));
        String shown = source.substring(source.indexOf("/** Drives a card")).strip();
        assertTrue(
                page.contains("<!-- CardHarness.java -->\n```java\n" + shown + "\n```\n<!-- end -->"),
                () -> "docs/certifying.md shows another state of CardHarness.java; it has to show:\n" + shown);
    }
}
