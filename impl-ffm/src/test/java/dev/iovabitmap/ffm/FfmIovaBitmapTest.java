package dev.iovabitmap.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FfmIovaBitmapTest {
    private static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(0, 128 * 4096, 4096);

    static Stream<IovaBitmapProvider> providers() {
        return Stream.of(new FfmProvider(), new ConcurrentFfmProvider());
    }

    @Test
    void writesTheCallersBytesAtAnyAlignment() {
        for (int offset = 0; offset < 8; offset++) {
            MemorySegment around = Arena.ofAuto().allocate(32, 8);
            FfmIovaBitmap.over(LAYOUT, around.asSlice(offset, 16)).set(7 * 4096, 121 * 4096);
            byte[] expected = new byte[32];
            expected[offset] = (byte) 0x80;
            Arrays.fill(expected, offset + 1, offset + 16, (byte) -1);
            assertEquals(-1, around.mismatch(MemorySegment.ofArray(expected)), "at offset " + offset);
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void refusesMemoryOnTheHeap(IovaBitmapProvider provider) {
        MemorySegment data = MemorySegment.ofArray(new long[2]);
        var refusal = assertThrows(IllegalArgumentException.class, () -> provider.allocate(0, 128 * 4096, 4096, data));
        assertEquals(
                "data is on the heap: " + data + "; this provider takes native and mapped memory",
                refusal.getMessage());
    }

    @Test
    void refusesToWriteAtomicallyWhereThatCannotBe() {
        MemorySegment data = Arena.ofAuto().allocate(24, 8).asSlice(4, 16);
        var refusal = assertThrows(IllegalArgumentException.class, () -> FfmIovaBitmap.concurrentOver(LAYOUT, data));
        assertTrue(refusal.getMessage().startsWith("data is not 8-byte aligned: "), refusal::getMessage);
    }

    /** More words than an array holds, more bits than 2^37: a file with holes, larger than this JVM's heap. */
    @ParameterizedTest
    @MethodSource("providers")
    void worksOnAFileOfMoreThanTwoToTheThirtyOneWords(IovaBitmapProvider provider, @TempDir Path dir)
            throws IOException {
        IovaBitmapLayout layout = new IovaBitmapLayout(4096, ((1L << 37) + 64) << 12, 4096);
        assertEquals((1L << 31) + 1, layout.wordCount());
        try (FileChannel file = FileChannel.open(
                        dir.resolve("bits"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SPARSE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment data = file.map(FileChannel.MapMode.READ_WRITE, 0, layout.byteSize(), arena);
            try (IovaBitmap bitmap = provider.allocate(layout.iova(), layout.length(), layout.pageSize(), data)) {
                bitmap.set(layout.iovaOf((1L << 37) - 1), 2 * 4096);
                bitmap.set(layout.lastIova(), 1);
            }
            assertEquals(1L << 63, data.get(ValueLayout.JAVA_LONG, layout.byteSize() - 16));
            assertEquals(1 | 1L << 63, data.get(ValueLayout.JAVA_LONG, layout.byteSize() - 8));
            // reading it all would fault in all of its holes, so only its end is
            IovaBitmapLayout end = new IovaBitmapLayout(layout.iovaOf((1L << 37) - 64), 128 * 4096, 4096);
            List<IovaRange> dirty = new ArrayList<>();
            DirtyPages.forEachRange(
                    end,
                    data.asSlice(layout.byteSize() - 16),
                    (iova, length) -> dirty.add(new IovaRange(iova, length)));
            assertEquals(
                    List.of(
                            new IovaRange(layout.iovaOf((1L << 37) - 1), 2 * 4096),
                            new IovaRange(layout.iovaOf((1L << 37) + 63), 4096)),
                    dirty);
        }
    }

    @Test
    void tellsWhatItCanDo() {
        assertEquals("ffm", new FfmProvider().name());
        assertEquals(Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA), new FfmProvider().features());
        assertEquals("ffm-concurrent", new ConcurrentFfmProvider().name());
        assertEquals(Set.of(Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET), new ConcurrentFfmProvider().features());
    }

    @ParameterizedTest
    @MethodSource("providers")
    void isFoundByName(IovaBitmapProvider provider) {
        assertSame(
                provider.getClass(), IovaBitmapProvider.named(provider.name()).getClass());
        assertSame(Availability.AVAILABLE, provider.availability());
    }
}
