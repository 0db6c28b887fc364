package dev.iovabitmap.heap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeapIovaBitmapTest {
    private static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(0, 128 * 4096, 4096);

    static Stream<IovaBitmapProvider> providers() {
        return Stream.of(new HeapProvider(), new ConcurrentHeapProvider());
    }

    @Test
    void writesTheCallersArray() {
        long[] words = {1, 0};
        try (IovaBitmap bitmap = HeapIovaBitmap.over(LAYOUT, words)) {
            bitmap.set(63 * 4096, 2 * 4096);
        }
        try (IovaBitmap bitmap = HeapIovaBitmap.concurrentOver(LAYOUT, words)) {
            bitmap.set(127 * 4096, 4096);
        }
        assertArrayEquals(new long[] {1 | 1L << 63, 1 | 1L << 63}, words);
    }

    @Test
    void refusesNoArray() {
        for (Executable call : List.<Executable>of(
                () -> HeapIovaBitmap.over(LAYOUT, (long[]) null),
                () -> HeapIovaBitmap.concurrentOver(LAYOUT, (long[]) null))) {
            assertEquals("words", assertThrows(NullPointerException.class, call).getMessage());
        }
    }

    @Test
    void writesFromTheElementWhereTheSegmentStarts() {
        long[] words = new long[4];
        MemorySegment data = MemorySegment.ofArray(words).asSlice(8, 16);
        IovaBitmap bitmap = HeapIovaBitmap.over(LAYOUT, data);
        bitmap.set(0, LAYOUT.length());
        assertSame(data, bitmap.data());
        assertArrayEquals(new long[] {0, -1, -1, 0}, words);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void refusesMemoryThatIsNoLongArray(IovaBitmapProvider provider) {
        for (MemorySegment data : new MemorySegment[] {
            MemorySegment.ofArray(new byte[16]),
            MemorySegment.ofArray(new long[3]).asSlice(4, 16),
            Arena.ofAuto().allocate(16, 8)
        }) {
            var refusal =
                    assertThrows(IllegalArgumentException.class, () -> provider.allocate(0, 128 * 4096, 4096, data));
            assertEquals(
                    "data is not a segment over a long[] that starts at an element: " + data
                            + "; this provider takes no other",
                    refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8, 4088})
    void allocatesAnArrayAtAnOffset(long pageOffset) {
        MemorySegment data = new HeapProvider().allocateData(20, pageOffset, Arena.global());
        assertEquals(pageOffset, data.address() % 4096);
        assertEquals(20, data.byteSize());
        assertTrue(data.heapBase().orElseThrow() instanceof long[]);
    }

    @ParameterizedTest
    @ValueSource(longs = {-8, 1, 4, 4095, 4096})
    void refusesAnOffsetInsideAnElement(long pageOffset) {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> new HeapProvider().allocateData(8, pageOffset, Arena.global()));
        assertEquals("pageOffset " + pageOffset + " is not a multiple of 8 from 0 to 4088", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 34, Long.MAX_VALUE})
    void refusesASizeThatFitsNoArray(long byteSize) {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> new HeapProvider().allocateData(byteSize, 0, Arena.global()));
        assertEquals("byteSize " + byteSize + " is negative or does not fit a long[]", refusal.getMessage());
    }

    @Test
    void tellsWhatItCanDo() {
        assertEquals("heap", new HeapProvider().name());
        assertEquals(Set.of(), new HeapProvider().features());
        assertEquals("heap-concurrent", new ConcurrentHeapProvider().name());
        assertEquals(Set.of(Feature.CONCURRENT_SET), new ConcurrentHeapProvider().features());
    }

    @ParameterizedTest
    @MethodSource("providers")
    void isFoundByName(IovaBitmapProvider provider) {
        assertSame(
                provider.getClass(), IovaBitmapProvider.named(provider.name()).getClass());
        assertSame(Availability.AVAILABLE, provider.availability());
    }
}
