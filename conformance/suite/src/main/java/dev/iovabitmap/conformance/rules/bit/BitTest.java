package dev.iovabitmap.conformance.rules.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formula, the order of bits in memory, stray bits and page shifts. */
@AddLifecycleHook(Seeded.class)
public class BitTest {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Property(tries = 200)
    @Verifies("BIT-1")
    void eachPageHasItsBit(@ForAll(supplier = Geometries.class) Geometry geometry, @ForAll @IntRange(max = 511) int n) {
        int page = n % geometry.bitCount();
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(page), 1);
        }
        try (Rig rig = Rig.of(geometry)) { // from the last byte that is inside
            BigInteger next = U64.toBigInteger(geometry.page(page)).add(U64.toBigInteger(geometry.pageSize()));
            rig.set(U64.fromBigInteger(next.subtract(BigInteger.ONE).min(geometry.last())), 1);
        }
    }

    /**
     * Three texts, three formulas. The text with the code indexes the word by the absolute address and the bit by the address
     * modulo 64; the one with the ioctl indexes both by pages, but does not divide by 64; a third has the right bit index, but
     * of the absolute address. The code does none of that.
     */
    @ParameterizedTest
    @CsvSource({
        "0x40000000, 0x40005000, 5",
        "0x1040000, 0x1041000, 1",
        "0x1000, 0x42000, 65",
        "0x7fff000, 0x803e000, 63"
    })
    @Verifies("BIT-1")
    void followsTheCodeAndNotTheTexts(String base, String address, int bit) {
        Geometry geometry = Geometry.ofPages(Long.decode(base), 1024, 4096);
        long iova = Long.decode(address);
        long wordOfCode = iova / 4096 / 64;
        long bitOfCode = iova % 64;
        long wordOfIoctl = (iova - geometry.iova()) / 4096;
        long bitOfAbsolute = iova / 4096;
        try (Rig rig = Rig.of(geometry)) {
            rig.set(iova, 4096);
            long word = bit / 64;
            assertEquals(1L << bit % 64, rig.data().get(WORD, word * 8), "word " + word);
            assertNotEquals(bit, wordOfCode * 64 + bitOfCode, "the text with the code");
            assertNotEquals(bit, wordOfIoctl * 64 + iova % 64, "the text with the ioctl");
            assertNotEquals(bit, bitOfAbsolute, "the text with the absolute address");
            absent(rig, wordOfCode * 64 + bitOfCode);
            absent(rig, wordOfIoctl * 64 + iova % 64);
            absent(rig, bitOfAbsolute);
        }
    }

    private static void absent(Rig rig, long bit) {
        if (bit < rig.geometry().bitCount() && rig.guarded().bit((int) bit)) {
            throw rig.failure("bit " + bit + " of a wrong formula is set", null);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x1000, 0x1001, 0x7ffff, Long.MAX_VALUE - 70 * 4096, -200 * 4096L})
    @Verifies("BIT-1")
    void countsFromTheBaseAsGiven(long base) {
        try (Rig rig = Rig.of(Geometry.ofPages(base, 140, 4096))) {
            for (int page = 0; page < 140; page += 3) {
                rig.set(rig.geometry().page(page), 1);
                rig.set(rig.geometry().page(page) + 4095, 1);
            }
        }
    }

    @Test
    @Verifies("BIT-2")
    void bitKIsInByteKDividedByEight() {
        Geometry geometry = Geometry.ofPages(0x100000, 200, 4096);
        for (int bit = 0; bit < 200; bit++) {
            try (Rig rig = Rig.of(geometry)) {
                rig.set(geometry.page(bit), 4096);
                byte actual = rig.data().get(ValueLayout.JAVA_BYTE, bit / 8);
                assertEquals(1 << bit % 8, (actual & 0xff) & 1 << bit % 8, "byte " + bit / 8 + " has bit " + bit % 8);
            }
        }
    }

    @Test
    @Verifies("BIT-2")
    void isTheSameAsLittleEndianWords() {
        Geometry geometry = Geometry.ofPages(0, 256, 4096);
        for (int bit = 0; bit < 256; bit += 5) {
            try (Rig rig = Rig.of(geometry)) {
                rig.set(geometry.page(bit), 4096);
                assertEquals(1L << bit % 64, rig.data().get(WORD, bit / 64 * 8L), "word " + bit / 64);
            }
        }
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(4), geometry.pages(8));
            assertEquals(0xff0, rig.data().get(WORD, 0));
            assertEquals((byte) 0xf0, rig.data().get(ValueLayout.JAVA_BYTE, 0));
            assertEquals((byte) 0x0f, rig.data().get(ValueLayout.JAVA_BYTE, 1));
        }
    }

    @Property(tries = 200)
    @Verifies("BIT-4")
    void marksNothingBesideTheRange(@ForAll(supplier = Geometries.class) Geometry geometry, @ForAll Fill fill) {
        try (Rig rig = Rig.of(geometry, fill)) {
            rig.set(geometry.iova(), geometry.length());
            rig.setClipped(geometry.iova(), geometry.length());
        }
    }

    /** The kernel's open bug R3: a report that overruns the range marks strays up to the end of the pinned page. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 10, 31, 33, 63, 64, 65, 100, 127, 129, 4000})
    @Verifies("BIT-4")
    void clippedOverrunsLeaveNoStrays(int pages) {
        Geometry geometry = Geometry.ofPages(0x100000000L, pages, 4096);
        for (Fill fill : Fill.values()) {
            for (long length : new long[] {geometry.length() + 1, 0x200000, 1L << 40, -1}) {
                try (Rig rig = Rig.of(geometry, fill)) {
                    rig.setClipped(geometry.iova(), length);
                    rig.setClipped(geometry.page(pages - 1), length);
                    rig.setClipped(geometry.page(-1), length);
                    rig.setClipped(geometry.page(pages), length);
                }
            }
        }
    }

    @Test
    @Verifies("BIT-4")
    void refusedMarksLeaveNoStrays() {
        for (int pages = 1; pages < 70; pages++) {
            Geometry geometry = Geometry.ofPages(0x100000000L, pages, 4096);
            try (Rig rig = Rig.of(geometry)) {
                rig.setRefused(geometry.page(pages), 4096);
                rig.setRefused(geometry.page(pages - 1), 4097);
            }
        }
    }

    @Test
    @Verifies("BIT-4")
    void iterationTouchesNothing() {
        for (Fill fill : Fill.values()) {
            try (Rig rig = Rig.of(Geometry.ofPages(0, (1 << 24) + 77, 4096).at(8), fill)) {
                rig.windows();
            }
        }
    }

    /** Shifts of 31, 32 and 61 to 63 broke the kernel one after the other. */
    @Test
    @Verifies("BIT-5")
    void everyPageShiftWorks() {
        for (int shift = 0; shift < 64; shift++) {
            long pages = shift > 56 ? 1L << (64 - shift) : 200;
            long length = shift + Long.numberOfTrailingZeros(pages) == 64 ? -1 : pages << shift;
            Geometry geometry = Geometry.of(0, length, 1L << shift);
            for (int page : new int[] {0, 1, 63, 64, 65, (int) pages - 1}) {
                if (page < geometry.bitCount()) {
                    try (Rig rig = Rig.of(geometry)) {
                        rig.set(geometry.page(page), 1);
                        rig.checkWindows();
                    }
                }
            }
            try (Rig rig = Rig.of(geometry)) {
                rig.set(0, length);
            }
        }
    }

    @Test
    @Verifies("BIT-5")
    void everyPageShiftWorksAtTheTop() {
        for (int shift = 0; shift < 64; shift++) {
            long pages = shift > 56 ? Math.max(1, (1L << (64 - shift)) - 1) : 130;
            Geometry geometry = Geometry.of(-(pages << shift), pages << shift, 1L << shift);
            try (Rig rig = Rig.of(geometry)) {
                rig.set(-1, 1);
                rig.set(geometry.iova(), 1);
                rig.checkWindows();
            }
        }
    }

    @Test
    @Verifies("BIT-5")
    void pageSizesOf2And4GiB() {
        try (Rig rig = Rig.of(Geometry.of(0, 256L << 30, 2L << 30))) {
            rig.set(0, 2L << 30);
            rig.set(128L << 30, 2L << 30);
            rig.checkWindows();
        }
        try (Rig rig = Rig.of(Geometry.of(0, 1L << 40, 4L << 30))) {
            rig.set(0, 2L << 30);
            rig.set(1L << 39, 2L << 30);
            rig.checkWindows();
        }
    }

    /** At 2^61 and more, eight pages are 2^64 bytes and more. */
    @Test
    @Verifies("BIT-5")
    void largestPages() {
        for (int shift = 61; shift < 64; shift++) {
            for (long iova : new long[] {0, 1, 0x1000}) {
                try (Rig rig = Rig.of(Geometry.of(iova, (1L << 63) - iova, 1L << shift))) {
                    rig.set(iova, 4096);
                    rig.checkWindows();
                }
            }
        }
    }

    /**
     * More bits than an int counts: 256 MiB of words, so nothing is copied or compared as a whole. Looks at the words that
     * are marked, their neighbours, and those that an index of 31 or 32 bits would hit instead.
     */
    @Test
    @Verifies("BIT-5")
    void moreBitsThanAnIntCounts() {
        long most = 1L << 31;
        IovaBitmapLayout layout = new IovaBitmapLayout(0x10000, (most + 128) << 12, 4096);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = manyWords(layout.byteSize(), arena);
            try (IovaBitmap bitmap = Subject.provider().allocate(0x10000, layout.length(), 4096, data)) {
                long first = most / 64 - 1; // the word that ends with bit 2^31 - 1
                bitmap.set(0x10000 + ((most - 1) << 12), 1);
                words(data, first, 1L << 63, 0, 0);
                bitmap.set(0x10000 + (most << 12), 4096);
                words(data, first, 1L << 63, 1, 0);
                bitmap.set(0x10000 + ((most + 127) << 12), 4096);
                words(data, first, 1L << 63, 1, 1L << 63);
                bitmap.set(0x10000 + ((most - 3) << 12), 6 * 4096); // over the edge
                words(data, first, 7L << 61, 7, 1L << 63);
                bitmap.setClipped(0x10000 + ((most + 120) << 12), -1);
                words(data, first, 7L << 61, 7, 0xffL << 56);
            }
        }
    }

    private static MemorySegment manyWords(long byteSize, Arena arena) {
        try {
            return Subject.provider().allocateData(byteSize, 0, arena);
        } catch (OutOfMemoryError none) {
            throw new InternalError("BIT-5 cannot be judged here: there is no room for 256 MiB of words", none);
        }
    }

    private static void words(MemorySegment data, long first, long a, long b, long c) {
        long[] expected = {0, a, b, c};
        for (int i = 0; i < expected.length; i++) {
            long word = first - 1 + i;
            if (data.get(WORD, word * 8) != expected[i]) {
                throw new AssertionError("of 2^31 + 128 bits, word " + word + " is "
                        + U64.show(data.get(WORD, word * 8)) + ", not " + U64.show(expected[i]));
            }
        }
        for (long word : new long[] {0, 1, first / 2, first / 2 + 1}) {
            if (data.get(WORD, word * 8) != 0) {
                throw new AssertionError("bits near 2^31 were marked in word " + word);
            }
        }
    }
}
