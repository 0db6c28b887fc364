package dev.iovabitmap.spi;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.SampleBitmap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AbstractIovaBitmapTest {
    private static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(0x1000, 0x10000, 0x1000);

    private final MemorySegment data = MemorySegment.ofArray(new long[1]);
    private final SampleBitmap bitmap = new SampleBitmap(LAYOUT, data);

    @Test
    void refusesDataThatIsTooSmall() {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> new SampleBitmap(LAYOUT, MemorySegment.ofArray(new byte[7])));
        assertEquals("data of 7 bytes is smaller than the 8 bytes of " + LAYOUT, refusal.getMessage());
    }

    @Test
    void refusesReadOnlyData() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new SampleBitmap(LAYOUT, data.asReadOnly()));
        assertTrue(refusal.getMessage().startsWith("data is read-only: "), refusal::getMessage);
    }

    @Test
    void refusesNull() {
        assertEquals(
                "data",
                assertThrows(NullPointerException.class, () -> new SampleBitmap(LAYOUT, null))
                        .getMessage());
        assertEquals(
                "layout",
                assertThrows(NullPointerException.class, () -> new SampleBitmap(null, data))
                        .getMessage());
    }

    @Test
    void refusesDataOfAClosedArena() {
        Arena arena = Arena.ofShared();
        MemorySegment gone = arena.allocate(8);
        IovaBitmap over = new SampleBitmap(LAYOUT, gone);
        arena.close();
        assertThrows(IllegalStateException.class, () -> new SampleBitmap(LAYOUT, gone));
        assertThrows(IllegalStateException.class, () -> over.set(0x1000, 0));
        assertThrows(IllegalStateException.class, () -> over.setClipped(0, 1));
        assertThrows(IllegalStateException.class, () -> over.forEach(null, (b, iova, length, opaque) -> {}));
    }

    @Test
    void endsTheIterationWhenACallbackClosesTheArena() {
        Arena arena = Arena.ofShared();
        IovaBitmapLayout twoWindows = new IovaBitmapLayout(0, 1L << 37, 4096);
        IovaBitmap over = new SampleBitmap(twoWindows, arena.allocate(twoWindows.byteSize()));
        List<Long> visited = new ArrayList<>();
        assertThrows(
                IllegalStateException.class,
                () -> over.forEach(arena, (b, iova, length, opaque) -> {
                    visited.add(iova);
                    opaque.close();
                }));
        assertEquals(List.of(0L), visited);
    }

    @Test
    void refusesDataOfAnotherThread() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment confined = arena.allocate(8);
            IovaBitmap over = new SampleBitmap(LAYOUT, confined);
            assertAll(Stream.<Executable>of(
                            () -> new SampleBitmap(LAYOUT, confined),
                            () -> over.set(0x1000, 0),
                            () -> over.forEach(null, (b, iova, length, opaque) -> {}))
                    .map(action -> () -> assertInstanceOf(WrongThreadException.class, thrownElsewhere(action))));
        }
    }

    private static Throwable thrownElsewhere(Executable action) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> thrown.set(assertThrows(Throwable.class, action)));
        thread.join();
        return thrown.get();
    }

    @ParameterizedTest
    @CsvSource({"4096, 1, 0, 0", "4097, 4096, 0, 1", "8191, 2, 0, 1", "4096, 65536, 0, 15", "69631, 1, 15, 15"})
    void setsThePagesThatARangeTouches(long iova, long length, long firstBit, long lastBit) {
        bitmap.set(iova, length);
        assertEquals(firstBit, bitmap.firstBit);
        assertEquals(lastBit, bitmap.lastBit);
    }

    @ParameterizedTest
    @CsvSource({"4095, 2", "69631, 2", "69632, 1", "0, 0", "69633, 0", "4096, -1", "-1, 1"})
    void refusesToSetOutside(long iova, long length) {
        var refusal = assertThrows(IndexOutOfBoundsException.class, () -> bitmap.set(iova, length));
        assertTrue(refusal.getMessage().endsWith("is not inside " + LAYOUT), refusal::getMessage);
        assertEquals(-1, bitmap.firstBit);
    }

    @ParameterizedTest
    @CsvSource({"4096", "69632", "40000"})
    void setsNothingForLengthZero(long iova) {
        bitmap.set(iova, 0);
        assertEquals(-1, bitmap.firstBit);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4096, -1, -1",
        "0, 4097, 0, 0",
        "0, -1, 0, 15",
        "4096, -1, 0, 15",
        "69631, 99999, 15, 15",
        "69632, 1, -1, -1",
        "-4096, 8192, -1, -1",
        "8192, 0, -1, -1",
        "0, 0, -1, -1",
    })
    void clipsToTheRange(long iova, long length, long firstBit, long lastBit) {
        bitmap.setClipped(iova, length);
        assertEquals(firstBit, bitmap.firstBit);
        assertEquals(lastBit, bitmap.lastBit);
    }

    @Test
    void visitsWindowsByTheOffsetOfTheData() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 1L << 37, 4096);
        MemorySegment shifted = MemorySegment.ofArray(new long[1 << 20]).asSlice(24);
        List<IovaRange> windows = new ArrayList<>();
        new SampleBitmap(layout, shifted)
                .forEach(windows, (b, iova, length, opaque) -> opaque.add(new IovaRange(iova, length)));
        long first = (1L << 36) - 24 * 8 * 4096;
        assertEquals(
                List.of(
                        new IovaRange(0, first),
                        new IovaRange(first, 1L << 36),
                        new IovaRange(first + (1L << 36), 24 * 8 * 4096)),
                windows);
    }

    @Test
    void handsTheCallbackWhatItWasGiven() {
        Object opaque = new Object();
        List<Object> seen = new ArrayList<>();
        bitmap.forEach(opaque, (b, iova, length, o) -> {
            seen.add(b);
            seen.add(o);
        });
        assertSame(bitmap, seen.get(0));
        assertSame(opaque, seen.get(1));
    }

    @Test
    void throwsWhatTheCallbackThrowsAndCanGoOn() {
        IOException thrown = new IOException();
        IovaBitmapCallback<Object, IOException> failing = (b, iova, length, opaque) -> {
            throw thrown;
        };
        assertSame(thrown, assertThrows(IOException.class, () -> bitmap.forEach("", failing)));
        bitmap.forEach("", (b, iova, length, opaque) -> {});
        bitmap.close();
    }

    @Test
    void refusesToNestOrToCloseInACallback() {
        bitmap.forEach(null, (b, iova, length, opaque) -> {
            assertThrows(IllegalStateException.class, () -> b.forEach(null, (c, i, l, o) -> {}));
            assertThrows(IllegalStateException.class, b::close);
        });
        bitmap.set(0x1000, 1);
    }

    @Test
    void refusesNoCallback() {
        assertEquals(
                "callback",
                assertThrows(NullPointerException.class, () -> bitmap.forEach(null, null))
                        .getMessage());
    }

    @Test
    void refusesEverythingButReadingAfterClose() {
        bitmap.close();
        bitmap.close();
        assertThrows(IllegalStateException.class, () -> bitmap.set(0x1000, 0));
        assertThrows(IllegalStateException.class, () -> bitmap.set(0, 1));
        assertThrows(IllegalStateException.class, () -> bitmap.setClipped(0, 0));
        assertThrows(IllegalStateException.class, () -> bitmap.forEach(null, (b, iova, length, opaque) -> {}));
        assertThrows(IllegalStateException.class, () -> bitmap.forEach(null, null));
        assertSame(data, bitmap.data());
        assertSame(LAYOUT, bitmap.layout());
    }
}
