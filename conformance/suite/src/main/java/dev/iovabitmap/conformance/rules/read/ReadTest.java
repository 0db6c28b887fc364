package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranges, counts and clearing. */
@AddLifecycleHook(Seeded.class)
public class ReadTest {
    private static final long[] PATTERNS = {0, -1, 1, Long.MIN_VALUE, 0x5555555555555555L, 0xff00ff00ff00ff0fL, 0x10};

    @Property(tries = 300)
    @Verifies("READ-1")
    void rangesAreAscendingAndMaximal(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long pattern) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            finds(geometry, data, "as filled, " + fill + " " + kind);
            Dirt.plant(geometry, data, pattern);
            finds(geometry, data, kind + ", pattern " + U64.show(pattern));
        }
    }

    private static void finds(Geometry geometry, GuardedData data, String how) {
        String inputs = "bitmap: " + geometry + "\nwords: " + how;
        List<IovaRange> expected = Dirt.ranges(geometry, data);
        Dirt.same(expected, ranges(geometry, data.data()), inputs);
        Dirt.same(expected, ranges(geometry, data.data().asReadOnly()), inputs + ", read-only");
        data.check(inputs + ", read only");
    }

    private static List<IovaRange> ranges(Geometry geometry, MemorySegment data) {
        List<IovaRange> ranges = new ArrayList<>();
        Library.current()
                .forEachRange(geometry.layout(), data, (iova, length) -> ranges.add(new IovaRange(iova, length)));
        return ranges;
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-1")
    void runsOverWordsAreOneRange(Kind kind) {
        int[][] runs = {
            {0, 0},
            {0, 63},
            {63, 64},
            {64, 127},
            {0, 127},
            {1, 998},
            {62, 193},
            {999, 999},
            {0, 999},
            {128, 640},
            {511, 512},
            {448, 512},
            {500, 530}
        };
        Geometry[] geometries = {
            Geometry.ofPages(0x10000, 1000, 4096),
            Geometry.of(0x10001, 1000 * 4096 - 4095, 4096),
            Geometry.ofPages(-1000 * 4096L, 1000, 4096),
        };
        for (Geometry geometry : geometries) {
            for (int[] run : runs) {
                for (Fill fill : new Fill[] {Fill.CLEAN, Fill.CLEAN_INVERSE}) {
                    try (Arena arena = Arena.ofConfined()) {
                        GuardedData data = kind.allocate(geometry, fill, arena);
                        set(data, run[0], run[1]);
                        finds(geometry, data, kind + ", bits " + run[0] + " to " + run[1]);
                    }
                }
            }
        }
    }

    /** A reader may look at many words at once where all are alike; wherever the one is that differs, it has to be seen. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-1")
    void aPageInALongStretchOfOthersIsSeen(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 600 * 64, 4096);
        for (boolean dirty : new boolean[] {false, true}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                stretch(data, 0, 600, dirty);
                finds(geometry, data, kind + ", all pages " + (dirty ? "dirty" : "clean"));
                for (int word : new int[] {
                    0, 1, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 330, 331, 332, 333, 334, 335, 336, 337, 520, 527, 597,
                    599
                }) {
                    int bit = word * 64 + word % 64;
                    data.plant(bit, !dirty);
                    finds(geometry, data, kind + ", only bit " + bit + (dirty ? " clear" : " set"));
                    data.plant(bit, dirty);
                }
            }
        }
    }

    /** Long stretches of clean pages and of dirty ones in turn, so that each begins wherever the one before ended. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-1")
    void longStretchesAlternate(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 1300 * 64, 4096);
        for (int first : new int[] {0, 64, 70, 257, 264, 272, 320}) {
            for (int length : new int[] {1, 64, 65, 256, 270, 520}) {
                try (Arena arena = Arena.ofConfined()) {
                    GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                    boolean dirty = false;
                    for (int word = 0; word < 1300; dirty = !dirty) {
                        int end = Math.min(1300, word + (word == 0 && first > 0 ? first : length));
                        stretch(data, word, end, dirty);
                        word = end;
                    }
                    finds(geometry, data, kind + ", " + first + " words clean, then stretches of " + length);
                    counts(geometry, data, kind + ", " + first + " words clean, then stretches of " + length);
                }
            }
        }
    }

    /**
     * A reader may look for the next dirty word in more than one way, by how far it is from the end of the last range. Ranges over
     * some words, each with a short one behind it.
     */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-1")
    void rangesBeginAtEachDistanceFromTheLast(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 64 * 64, 4096);
        for (int words : new int[] {1, 2, 3, 9}) {
            for (int gap = 0; gap < 10; gap++) {
                try (Arena arena = Arena.ofConfined()) {
                    GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                    for (int word = 3; word + words + gap < 64; word += words + gap + 1) {
                        set(data, word * 64 + 5, (word + words) * 64 + 2);
                        set(data, (word + words + gap) * 64 + 10, (word + words + gap) * 64 + 12);
                    }
                    finds(geometry, data, kind + ", ranges over " + words + " words, the next " + gap + " words on");
                }
            }
        }
    }

    private static void set(GuardedData data, int firstBit, int lastBit) {
        for (int bit = firstBit; bit <= lastBit; bit++) {
            data.plant(bit, true);
        }
    }

    /** No guards here, but an array and memory that end with the words: what lies behind cannot be read without an error. */
    @Test
    @Verifies("READ-1")
    void nothingBehindTheWordsIsRead() {
        for (int words :
                new int[] {1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 256, 257, 263, 264, 265, 512, 520, 528, 585}) {
            Geometry geometry = Geometry.ofPages(0x10000, words * 64L, 4096);
            try (Arena arena = Arena.ofConfined()) {
                for (MemorySegment data :
                        List.of(MemorySegment.ofArray(new long[words]), arena.allocate(words * 8L, Long.BYTES))) {
                    String inputs = words + " words of " + data;
                    Dirt.same(List.of(), ranges(geometry, data), inputs + ", clean");
                    data.fill((byte) -1);
                    Dirt.same(
                            List.of(Dirt.range(geometry, 0, words * 64 - 1)),
                            ranges(geometry, data),
                            inputs + ", dirty");
                }
            }
        }
    }

    private static void stretch(GuardedData data, int fromWord, int toWord, boolean dirty) {
        for (int bit = fromWord * 64; bit < toWord * 64; bit++) {
            data.plant(bit, dirty);
        }
    }

    @Test
    @Verifies("READ-1")
    void whatTheVisitorThrowsEndsTheVisit() {
        Geometry geometry = Geometry.ofPages(0, 100, 4096);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Kind.NATIVE.allocate(geometry, Fill.CLEAN, arena);
            Dirt.plant(geometry, data, 0x5555555555555555L);
            IOException thrown = new IOException("the stream is full");
            int[] visits = {0};
            try {
                Library.current().<IOException>forEachRange(geometry.layout(), data.data(), (iova, length) -> {
                    if (++visits[0] == 3) {
                        throw thrown;
                    }
                });
            } catch (IOException caught) {
                if (caught == thrown && visits[0] == 3) {
                    return;
                }
            }
            throw new AssertionError("the visitor threw at range 3; it was called " + visits[0] + " times");
        }
    }

    @Property(tries = 300)
    @Verifies("READ-2")
    void countsTheBitsBelowTheEnd(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long pattern) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            counts(geometry, data, "as filled, " + fill + " " + kind);
            Dirt.plant(geometry, data, pattern);
            counts(geometry, data, kind + ", pattern " + U64.show(pattern));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-2")
    void strayBitsAreNotSeen(Kind kind) {
        for (int bits = 1; bits < 140; bits++) {
            Geometry geometry = Geometry.ofPages(0, bits, 4096);
            for (Fill fill : Fill.values()) {
                try (Arena arena = Arena.ofConfined()) {
                    GuardedData data = kind.allocate(geometry, fill, arena);
                    counts(geometry, data, fill + " " + kind);
                    finds(geometry, data, fill + " " + kind);
                }
            }
        }
    }

    private static void counts(Geometry geometry, GuardedData data, String how) {
        String inputs = "bitmap: " + geometry + "\nwords: " + how;
        IovaBitmapLayout layout = geometry.layout();
        for (MemorySegment words : List.of(data.data(), data.data().asReadOnly())) {
            long count = Library.current().count(layout, words);
            if (count != data.count()) {
                throw new AssertionError("count is " + count + ", not " + data.count() + "\n" + inputs
                        + (words.isReadOnly() ? ", read-only" : ""));
            }
        }
        data.check(inputs);
    }

    @Property(tries = 150)
    @Verifies("READ-2")
    void tellsWhichPagesAreDirty(
            @ForAll(supplier = Geometries.class) Geometry geometry, @ForAll Kind kind, @ForAll Fill fill) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            Dirt.plant(geometry, data, fill == Fill.CLEAN ? 0x8000000000000001L : 0x00f0_7777_0000_ffffL);
            for (int bit = 0; bit < geometry.bitCount(); bit++) {
                IovaRange page = Dirt.range(geometry, bit, bit);
                isDirty(geometry, data, page.iova(), bit);
                isDirty(geometry, data, page.iova() + page.length() - 1, bit);
            }
        }
    }

    private static void isDirty(Geometry geometry, GuardedData data, long iova, int bit) {
        if (Library.current().isDirty(geometry.layout(), data.data(), iova) != data.bit(bit)) {
            throw new AssertionError("isDirty(" + U64.show(iova) + ") is wrong; bit " + bit + " is "
                    + (data.bit(bit) ? 1 : 0) + "\nbitmap: " + geometry);
        }
    }

    @Property(tries = 200)
    @Verifies("READ-5")
    void clearChangesOnlyBitsOfPages(
            @ForAll(supplier = Geometries.class) Geometry geometry, @ForAll Kind kind, @ForAll Fill fill) {
        clears(geometry, kind, fill);
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-5")
    void clearLeavesStraysOfEverySize(Kind kind) {
        for (int bits = 1; bits < 200; bits++) {
            for (Fill fill : Fill.values()) {
                clears(Geometry.ofPages(0, bits, 4096), kind, fill);
            }
        }
    }

    private static void clears(Geometry geometry, Kind kind, Fill fill) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            Dirt.plant(geometry, data, PATTERNS[geometry.bitCount() % PATTERNS.length]);
            for (int bit = 0; bit < geometry.bitCount(); bit++) {
                data.clearBit(bit);
            }
            Library.current().clear(geometry.layout(), data.data());
            data.check("bitmap: " + geometry + "\ncleared, " + fill + " " + kind);
        }
    }
}
