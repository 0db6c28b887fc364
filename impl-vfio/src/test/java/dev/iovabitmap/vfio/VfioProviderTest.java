package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VfioProviderTest {
    private final IovaBitmapProvider provider = IovaBitmapProvider.named("vfio");

    @Test
    void saysThatItIsUnavailableAndWhy() {
        Availability availability = provider.availability();
        assertFalse(availability.isAvailable());
        assertEquals("this version has no VFIO transport yet, so no device can be tracked", availability.reason());
        assertEquals(Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA), provider.features());
    }

    @Test
    void allocatesAPlainBitmap() {
        MemorySegment data = Arena.ofAuto().allocate(8);
        try (IovaBitmap bitmap = provider.allocate(0, 4 * 4096, 4096, data)) {
            bitmap.set(4096, 1);
        }
        assertEquals(2, data.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }
}
