package dev.iovabitmap.conformance.rules.set;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Pick;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bits set marks. */
@AddLifecycleHook(Seeded.class)
public class SetTest {
    /** How many bits a window of 2 MiB has. */
    private static final int WINDOW = 1 << 24;

    @Property(tries = 400)
    @Verifies("SET-1")
    void marksEveryPageTouched(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll @Size(min = 1, max = 4) List<@From("picks") Pick> picks) {
        try (Rig rig = Rig.of(geometry)) {
            for (Pick pick : picks) {
                IovaRange range = pick.inside(geometry);
                rig.set(range.iova(), range.length());
            }
        }
    }

    @Provide
    Arbitrary<Pick> picks() {
        return new Pick.Any().get();
    }

    /** The seed divided the length by the page size and lost the page that an unaligned start or end touches. */
    @ParameterizedTest
    @CsvSource({
        "0x800, 4096",
        "0, 4097",
        "0xfff, 2",
        "0xfff, 1",
        "0x1000, 1",
        "0x1001, 8192",
        "0x3ffff, 0x1002",
        "0x1800, 0x2000"
    })
    @Verifies("SET-1")
    void marksThePagesOfUnalignedRanges(String iova, String length) {
        try (Rig rig = Rig.of(Geometry.ofPages(0, 256, 4096))) {
            rig.set(Long.decode(iova), Long.decode(length));
        }
        try (Rig rig = Rig.of(Geometry.ofPages(0x123456, 256, 4096))) {
            rig.set(0x123456 + Long.decode(iova), Long.decode(length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 128, 1000})
    @Verifies("SET-1")
    void marksTheLastPageWhateverIsLeftOfIt(int pages) {
        for (long cut : new long[] {0, 1, 2048, 4095}) {
            Geometry geometry = Geometry.of(0x5000, pages * 4096L - cut, 4096);
            try (Rig rig = Rig.of(geometry)) {
                rig.set(geometry.lastIova(), 1);
            }
            try (Rig rig = Rig.of(geometry)) {
                rig.set(geometry.iova(), geometry.length());
            }
        }
    }

    /** All pairs of first and last bit around the edges of words. */
    @Test
    @Verifies("SET-2")
    void crossesWords() {
        int[] edges = {0, 1, 31, 32, 62, 63, 64, 65, 126, 127, 128, 129, 190, 191, 192, 255, 256, 258};
        Geometry geometry = Geometry.ofPages(0, 260, 4096);
        for (int first : edges) {
            for (int last : edges) {
                if (first <= last) {
                    try (Rig rig = Rig.of(geometry)) {
                        rig.set(geometry.page(first), geometry.pages(last - first + 1));
                    }
                }
            }
        }
    }

    /** Around the edges of the data's pages, which data in the middle of a page moves. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 2048, 3840, 4088})
    @Verifies("SET-2")
    void crossesPagesOfData(int offset) {
        Geometry geometry = Geometry.ofPages(0, 3 * 32768 + 70, 4096).at(offset);
        for (int page = 0; page < 3; page++) {
            int edge = 8 * (4096 - offset) + page * 32768;
            for (int edgeBit : new int[] {edge, (page + 1) * 32768}) {
                for (int[] run : new int[][] {{-1, 1}, {0, 1}, {-1, 2}, {-70, 140}, {-3, 40}}) {
                    int first = edgeBit + run[0];
                    int last = Math.min(first + run[1], geometry.bitCount()) - 1;
                    if (first >= 0 && first <= last) {
                        try (Rig rig = Rig.of(geometry)) {
                            rig.set(geometry.page(first), geometry.pages(last - first + 1));
                        }
                    }
                }
            }
        }
    }

    /** A huge page of the IOMMU across the edge of a window was written out of bounds, lost, or recorded twice. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 4088})
    @Verifies("SET-2")
    void crossesWindows(int offset) {
        Geometry geometry = Geometry.ofPages(0x1000, WINDOW + 600, 4096).at(offset);
        int edge = WINDOW - 8 * offset;
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(edge - 1), geometry.pages(2));
            rig.set(geometry.page(edge - 10), geometry.pages(512));
            rig.set(geometry.page(edge + 502), geometry.pages(1));
            rig.set(geometry.page(edge + 503), geometry.pages(1));
        }
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(5), geometry.pages(WINDOW + 590));
        }
        try (Rig rig = Rig.of(geometry, Fill.CLEAN_INVERSE)) {
            rig.set(geometry.iova(), geometry.length());
        }
    }

    @Property(tries = 200)
    @Verifies("SET-3")
    void clearsNothing(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll boolean inverse,
            @ForAll(supplier = Pick.Any.class) Pick first,
            @ForAll(supplier = Pick.Any.class) Pick second) {
        try (Rig rig = Rig.of(geometry, inverse ? Fill.DIRTY_INVERSE : Fill.DIRTY)) {
            IovaRange a = first.inside(geometry);
            IovaRange b = second.inside(geometry);
            rig.set(a.iova(), a.length());
            rig.set(b.iova(), b.length());
            rig.set(a.iova(), a.length());
            rig.setClipped(b.iova(), b.length());
        }
    }

    @Test
    @Verifies("SET-3")
    void repeatingAndReorderingChangesNothing() {
        Geometry geometry = Geometry.ofPages(0, 400, 4096);
        int[][] runs = {{0, 1}, {1, 1}, {60, 10}, {64, 64}, {63, 1}, {128, 200}, {130, 2}, {399, 1}, {0, 400}};
        for (int rotation = 0; rotation < runs.length; rotation++) {
            try (Rig rig = Rig.of(geometry)) {
                for (int i = 0; i < 2 * runs.length; i++) {
                    int[] run = runs[(i + rotation) % runs.length];
                    rig.set(geometry.page(run[0]), geometry.pages(run[1]));
                }
            }
        }
    }

    /** One bit after the other, each next to one that is set: a word that is stored instead of ORed shows. */
    @Test
    @Verifies("SET-3")
    void neighboursStaySet() {
        Geometry geometry = Geometry.ofPages(0, 200, 4096);
        try (Rig rig = Rig.of(geometry)) {
            for (int bit = 0; bit < 200; bit++) {
                rig.set(geometry.page(bit * 77 % 200), 4096);
            }
        }
    }

    /** The words are their owner's: that they were marked once is no reason to believe that they still are. */
    @Test
    @Verifies("SET-3")
    void marksAgainWhatTheOwnerCleared() {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        List<Consumer<Rig>> clearings = List.of(Rig::clear, Rig::drain, rig -> plantAll(rig, false));
        for (int[] run : new int[][] {{3, 1}, {60, 10}, {0, 64}, {0, 200}, {199, 1}}) {
            long iova = geometry.page(run[0]);
            long length = geometry.pages(run[1]);
            for (Consumer<Rig> clearing : clearings) {
                try (Rig rig = Rig.of(geometry)) {
                    rig.set(iova, length);
                    clearing.accept(rig);
                    rig.set(iova, length); // the very same
                    clearing.accept(rig);
                    rig.setClipped(iova, length);
                    clearing.accept(rig);
                    rig.set(geometry.page(run[0]), 1); // next to what was set once, and is not any more
                    rig.forEach((self, start, size, nothing) -> {
                        rig.set(iova, length);
                        clearing.accept(rig);
                        rig.set(iova, length);
                    });
                }
            }
        }
    }

    @Test
    @Verifies("SET-3")
    void keepsWhatTheOwnerPlanted() {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        try (Rig rig = Rig.of(geometry)) {
            plantAndMark(rig);
            plantAll(rig, true);
            rig.set(geometry.page(100), 4096);
            plantAll(rig, false);
            rig.forEach((self, iova, length, nothing) -> plantAndMark(rig));
        }
    }

    private static void plantAndMark(Rig rig) {
        Geometry geometry = rig.geometry();
        rig.set(geometry.page(5), 4096);
        rig.log("bits 5 and 66 cleared, 6 and 70 set by the owner");
        rig.guarded().plant(5, false);
        rig.guarded().plant(6, true);
        rig.guarded().plant(66, false);
        rig.guarded().plant(70, true);
        rig.set(geometry.page(7), 4096);
        rig.set(geometry.page(60), geometry.pages(6));
        rig.set(geometry.page(5), 4096);
    }

    private static void plantAll(Rig rig, boolean value) {
        rig.log("all bits " + (value ? "set" : "cleared") + " by the owner");
        for (int bit = 0; bit < rig.geometry().bitCount(); bit++) {
            rig.guarded().plant(bit, value);
        }
        rig.check();
    }

    /** Two bitmaps mark in turn, of the same range or of another one, over the same words or over a slice of them. */
    @ParameterizedTest
    @CsvSource({
        "0x10000, 256, 4096, 0",
        "0x10000, 100, 4096, 0",
        "0x20000000000, 256, 65536, 0",
        "0x50000, 192, 4096, 1",
        "0x7fff0000, 77, 1, 2"
    })
    @Verifies("SET-3")
    void otherBitmapsMayMarkTheSameWords(String base, int pages, long pageSize, int firstWord) {
        Geometry geometry = Geometry.ofPages(0x10000, 256, 4096);
        Geometry other = Geometry.ofPages(Long.decode(base), pages, pageSize);
        try (Rig rig = Rig.of(geometry);
                IovaBitmap second = Rig.over(other, rig.data().asSlice(firstWord * 8L))) {
            rig.log("a second bitmap from word " + firstWord + " on: " + other);
            for (int bit = 0; bit + 1 < pages; bit += 5) {
                rig.set(geometry.page(bit), 1);
                markBeside(rig, second, other, firstWord, bit + 1);
                rig.set(geometry.page(64 * firstWord + bit), 8192);
            }
            rig.clear();
            rig.forEach((self, iova, length, nothing) -> {
                rig.set(geometry.page(3), 1);
                markBeside(rig, second, other, firstWord, 4);
                second.forEach(rig, (same, start, size, ignored) -> {
                    rig.set(geometry.page(64 * firstWord + 5), 1);
                    markBeside(rig, second, other, firstWord, 6);
                });
                rig.set(geometry.page(64 * firstWord + 8), geometry.pages(3));
            });
        }
    }

    private static void markBeside(Rig rig, IovaBitmap second, Geometry other, int firstWord, int bit) {
        rig.log("bit " + bit + " set by the second bitmap");
        second.set(other.page(bit), 1);
        rig.guarded().setBit(64 * firstWord + bit);
        rig.check();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 13, 16, 21, 30, 31, 32, 40, 52})
    @Verifies("SET-4")
    void lengthIsInBytes(int shift) {
        Geometry geometry = Geometry.ofPages(0, 300, 1L << shift);
        for (long length : new long[] {1, 2, 3, 64, 255, 4095, 4096, 4097, 65536, 1 << 21}) {
            if (length <= geometry.length()) {
                try (Rig rig = Rig.of(geometry)) {
                    rig.set(0, length);
                }
                try (Rig rig = Rig.of(geometry)) {
                    rig.set(geometry.length() - length, length);
                }
            }
        }
    }

    @Test
    @Verifies("SET-4")
    void lessThanAPageMarksThePage() {
        try (Rig rig = Rig.of(Geometry.ofPages(0, 16, 65536))) {
            rig.set(4096, 4096);
            rig.set(3 * 65536 + 65535, 1);
            rig.set(5 * 65536 - 1, 2);
        }
        try (Rig rig = Rig.of(Geometry.of(0, -1, Geometry.MAX_PAGE_SIZE))) {
            rig.set(Long.MIN_VALUE, 1);
        }
    }

    /** Lengths beyond 2^31 and 2^32, over pages that are small enough to tell. */
    @Test
    @Verifies("SET-4")
    void lengthsAreSixtyFourBits() {
        Geometry geometry = Geometry.ofPages(0, 1 << 13, 1L << 20);
        try (Rig rig = Rig.of(geometry)) {
            rig.set(1L << 20, (1L << 32) + 1);
        }
        try (Rig rig = Rig.of(geometry)) {
            rig.set(0, 1L << 32);
            rig.set((1L << 32) + (5L << 20), 1L << 31);
        }
    }
}
