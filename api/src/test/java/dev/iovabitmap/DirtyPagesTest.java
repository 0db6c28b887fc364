package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DirtyPagesTest {
    /** 130 pages, the last of one byte. */
    private static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(0x1000, 129 * 4096 + 1, 4096);

    @ParameterizedTest
    @EnumSource
    void visitsMaximalRangesAndCutsTheLast(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        dirty(data, 0, 63, 64, 65, 129, 130, 191);
        assertEquals(
                List.of(
                        new IovaRange(0x1000, 4096),
                        new IovaRange(0x1000 + 63 * 4096, 3 * 4096),
                        new IovaRange(0x1000 + 129 * 4096, 1)),
                ranges(LAYOUT, kind.finish(data)));
    }

    @ParameterizedTest
    @EnumSource
    void visitsAFullAndAnEmptyBitmap(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        assertEquals(List.of(), ranges(LAYOUT, data));
        data.fill((byte) -1);
        assertEquals(List.of(new IovaRange(0x1000, 129 * 4096 + 1)), ranges(LAYOUT, kind.finish(data)));
    }

    @ParameterizedTest
    @EnumSource
    void countsWithoutStrayBits(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        data.fill((byte) -1);
        assertEquals(130, DirtyPages.count(LAYOUT, kind.finish(data)));
    }

    @Test
    void countsWordsThatAreFull() {
        IovaBitmapLayout full = new IovaBitmapLayout(0, 128, 1);
        assertEquals(128, DirtyPages.count(full, MemorySegment.ofArray(new long[] {-1, -1})));
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhetherAPageIsDirty(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        dirty(data, 64);
        MemorySegment read = kind.finish(data);
        assertTrue(DirtyPages.isDirty(LAYOUT, read, 0x1000 + 64 * 4096));
        assertTrue(DirtyPages.isDirty(LAYOUT, read, 0x1000 + 65 * 4096 - 1));
        assertFalse(DirtyPages.isDirty(LAYOUT, read, 0x1000 + 65 * 4096));
        assertFalse(DirtyPages.isDirty(LAYOUT, read, 0x1000 + 64 * 4096 - 1));
        assertThrows(IndexOutOfBoundsException.class, () -> DirtyPages.isDirty(LAYOUT, read, 0xfff));
    }

    @ParameterizedTest
    @MethodSource("writablePairs")
    void mergesTheSameLayoutAsTheUnion(DataKind from, DataKind into) {
        MemorySegment source = from.allocate(LAYOUT.byteSize());
        MemorySegment target = into.allocate(LAYOUT.byteSize());
        dirty(source, 1, 70, 129, 140);
        dirty(target, 2, 70, 150);
        DirtyPages.merge(LAYOUT, from.finish(source), LAYOUT, target);
        assertEquals(List.of(1L, 2L, 70L, 129L, 150L), bits(target));
        assertEquals(List.of(1L, 70L, 129L, 140L), bits(source));
    }

    @ParameterizedTest
    @MethodSource("writablePairs")
    void mergesAnotherPageSizeByTheBytesItTouches(DataKind from, DataKind into) {
        IovaBitmapLayout small = new IovaBitmapLayout(0x800, 64 * 512, 512);
        IovaBitmapLayout large = new IovaBitmapLayout(0x1000, 4 * 8192, 8192);
        MemorySegment source = from.allocate(small.byteSize());
        MemorySegment target = into.allocate(large.byteSize());
        // bit 0 lies before the target; 19 and 20 at the end of its page 0 and the start of 1; 63 in page 3
        dirty(source, 0, 19, 20, 63);
        DirtyPages.merge(small, from.finish(source), large, target);
        assertEquals(List.of(0L, 1L, 3L), bits(target));
        MemorySegment back = into.allocate(small.byteSize());
        DirtyPages.merge(large, target, small, back);
        // pages 0 and 1 are 0x1000 to 0x4fff, bits 4 to 35; page 3 starts at 0x7000, bit 52, and is cut
        assertEquals(Stream.concat(longs(4, 35), longs(52, 63)).toList(), bits(back));
    }

    static Stream<Arguments> writablePairs() {
        return Stream.of(DataKind.values())
                .flatMap(from -> Stream.of(DataKind.values())
                        .filter(into -> into != DataKind.READ_ONLY)
                        .map(into -> Arguments.of(from, into)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
    void clearsAndLeavesStrayBits(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize() + 8);
        data.fill((byte) -1);
        DirtyPages.clear(LAYOUT, data);
        assertEquals(longs(130, 255).toList(), bits(data));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
    void drainsOnceAndLeavesStrayBits(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        dirty(data, 0, 62, 63, 64, 128, 129, 150);
        List<IovaRange> drained = new ArrayList<>();
        DirtyPages.drain(LAYOUT, data, (iova, length) -> drained.add(new IovaRange(iova, length)));
        assertEquals(
                List.of(
                        new IovaRange(0x1000, 4096),
                        new IovaRange(0x1000 + 62 * 4096, 3 * 4096),
                        new IovaRange(0x1000 + 128 * 4096, 4097)),
                drained);
        assertEquals(List.of(150L), bits(data));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
    void marksARangeAgainThatTheVisitorDidNotTake(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        dirty(data, 3, 10, 70, 71, 129);
        IOException thrown = new IOException();
        IOException surfaced = assertThrows(
                IOException.class,
                () -> DirtyPages.drain(LAYOUT, data, (iova, length) -> {
                    if (iova == 0x1000 + 70 * 4096) {
                        throw thrown;
                    }
                }));
        assertSame(thrown, surfaced);
        assertEquals(List.of(70L, 71L, 129L), bits(data));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
    void keepsAPageThatIsDirtiedWhileItIsVisited(DataKind kind) {
        MemorySegment data = kind.allocate(LAYOUT.byteSize());
        dirty(data, 70);
        DirtyPages.drain(LAYOUT, data, (iova, length) -> dirty(data, 70));
        assertEquals(List.of(70L), bits(data));
    }

    @Test
    void refusesDataThatIsTooSmallOrReadOnlyOrNull() {
        MemorySegment small = MemorySegment.ofArray(new long[2]);
        MemorySegment readOnly = MemorySegment.ofArray(new long[3]).asReadOnly();
        for (Executable refused : List.<Executable>of(
                () -> DirtyPages.count(LAYOUT, small),
                () -> DirtyPages.isDirty(LAYOUT, small, 0x1000),
                () -> DirtyPages.forEachRange(LAYOUT, small, (iova, length) -> {}),
                () -> DirtyPages.drain(LAYOUT, small, (iova, length) -> {}),
                () -> DirtyPages.clear(LAYOUT, small),
                () -> DirtyPages.merge(LAYOUT, small, LAYOUT, small),
                () -> DirtyPages.merge(LAYOUT, readOnly, LAYOUT, small),
                () -> DirtyPages.merge(LAYOUT, readOnly, LAYOUT, readOnly),
                () -> DirtyPages.clear(LAYOUT, readOnly),
                () -> DirtyPages.drain(LAYOUT, readOnly, (iova, length) -> {}))) {
            assertThrows(IllegalArgumentException.class, refused);
        }
        assertThrows(NullPointerException.class, () -> DirtyPages.count(null, small));
        assertThrows(NullPointerException.class, () -> DirtyPages.count(LAYOUT, null));
        assertThrows(
                NullPointerException.class, () -> DirtyPages.drain(LAYOUT, MemorySegment.ofArray(new long[3]), null));
        assertThrows(NullPointerException.class, () -> DirtyPages.forEachRange(LAYOUT, readOnly, null));
    }

    /** More bits than an int counts, in a file with holes: 2^32 + 1 of them, half a gigabyte. */
    @Test
    void readsBeyondTwoToTheThirtyTwoBits(@TempDir Path dir) throws IOException {
        IovaBitmapLayout huge = new IovaBitmapLayout(0, ((1L << 32) + 1) << 12, 4096);
        try (FileChannel file = FileChannel.open(
                        dir.resolve("bits"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SPARSE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment data = file.map(FileChannel.MapMode.READ_WRITE, 0, huge.byteSize(), arena);
            dirty(data, 1L << 31, 1L << 32);
            assertEquals(List.of(new IovaRange(1L << 43, 4096), new IovaRange(1L << 44, 4096)), ranges(huge, data));
            assertEquals(2, DirtyPages.count(huge, data));
        }
    }

    private static List<IovaRange> ranges(IovaBitmapLayout layout, MemorySegment data) {
        List<IovaRange> ranges = new ArrayList<>();
        DirtyPages.forEachRange(layout, data, (iova, length) -> ranges.add(new IovaRange(iova, length)));
        return ranges;
    }

    private static void dirty(MemorySegment data, long... bits) {
        for (long bit : bits) {
            byte old = data.get(ValueLayout.JAVA_BYTE, bit / 8);
            data.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old | 1 << bit % 8));
        }
    }

    private static List<Long> bits(MemorySegment data) {
        return longs(0, 8 * data.byteSize() - 1)
                .filter(bit -> (data.get(ValueLayout.JAVA_BYTE, bit / 8) & 1 << bit % 8) != 0)
                .toList();
    }

    private static Stream<Long> longs(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed();
    }
}
