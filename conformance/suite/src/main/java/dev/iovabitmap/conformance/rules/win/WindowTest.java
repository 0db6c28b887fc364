package dev.iovabitmap.conformance.rules.win;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The windows of a provider. */
@AddLifecycleHook(Seeded.class)
public class WindowTest {
    private static final long G = 1L << 30;

    /** How many bits a window of 2 MiB has. */
    private static final int FULL = 1 << 24;

    @Property(tries = 200)
    @Verifies("WIN-1")
    void windowsTileTheRange(@ForAll(supplier = Geometries.class) Geometry geometry) {
        tiles(geometry);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 2048, 4088})
    @Verifies("WIN-1")
    void windowsOfLargeBitmapsTileTheRange(int offset) {
        for (Geometry geometry : large(offset)) {
            tiles(geometry);
        }
    }

    private static void tiles(Geometry geometry) {
        try (Rig rig = Rig.of(geometry)) {
            List<IovaRange> windows = rig.windows();
            BigInteger next = geometry.base();
            for (IovaRange window : windows) {
                if (window.length() == 0 || !U64.toBigInteger(window.iova()).equals(next)) {
                    throw rig.failure("windows do not tile the range: " + Rig.show(windows), null);
                }
                next = next.add(U64.toBigInteger(window.length()));
            }
            if (!next.equals(geometry.last().add(BigInteger.ONE))) {
                throw rig.failure("windows do not end with the range: " + Rig.show(windows), null);
            }
        }
    }

    private static List<Geometry> large(int offset) {
        return List.of(
                Geometry.ofPages(0, FULL, 4096).at(offset),
                Geometry.ofPages(0, FULL + 1, 4096).at(offset),
                Geometry.of(0x1234567, (2L * FULL + 12345) * 4096 - 777, 4096).at(offset),
                Geometry.ofPages(-(FULL + 9) * 4096L, FULL + 9, 4096).at(offset),
                Geometry.of(1, ((FULL + 100L) << 39) - 5, 1L << 39).at(offset),
                Geometry.of(Long.MAX_VALUE - 3L * FULL, 4L * FULL + 3, 1).at(offset));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 2048, 3840, 4080, 4088})
    @Verifies("WIN-2")
    void aWindowHoldsTwoMebibytesLessTheOffset(int offset) {
        large(offset).forEach(WindowTest::asTheModel);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 2049, 4081, 4095})
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("WIN-2")
    void anUnalignedOffsetCountsToo(int offset) {
        large(offset).forEach(WindowTest::asTheModel);
    }

    /** Page sizes that are no int, over more than one window; 2^40 makes two of the whole space. */
    @ParameterizedTest
    @ValueSource(ints = {31, 32, 33, 40})
    @Verifies("WIN-2")
    void largePagesInTwoWindows(int shift) {
        long most = shift == 40 ? -1 : ((FULL + 100L) << shift) - 3;
        for (int offset : new int[] {0, 8, 2048, 4088}) {
            asTheModel(Geometry.of(0, most, 1L << shift).at(offset));
            asTheModel(Geometry.of(-most, most, 1L << shift).at(offset));
            try (Rig rig = Rig.of(Geometry.of(0, most, 1L << shift).at(offset))) {
                int edge = FULL - 8 * offset;
                if (edge + 3 < rig.geometry().bitCount()) {
                    rig.forEach((self, iova, length, nothing) -> rig.set(iova, 1));
                    rig.set(rig.geometry().page(edge - 3), rig.geometry().pages(6));
                }
            }
        }
    }

    @Property(tries = 100)
    @Verifies("WIN-2")
    void asTheModelSays(@ForAll(supplier = Geometries.class) Geometry geometry) {
        asTheModel(geometry);
    }

    /** The end of the window was computed past 2^64, and the cut was lost. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 4095, 4096, 4097, 0xb000, 0xc000, 0x10000, 0x123456})
    @Verifies("WIN-2")
    void theLastWindowEndsAtTheTop(long length) {
        for (int shift : new int[] {0, 11, 12, 21, 61, 63}) {
            for (int offset : new int[] {0, 8, 4088}) {
                asTheModel(new Geometry(-length, length, 1L << shift, offset));
                asTheModel(new Geometry(-length, length - length / 2, 1L << shift, offset));
            }
        }
    }

    private static void asTheModel(Geometry geometry) {
        try (Rig rig = Rig.of(geometry)) {
            rig.checkWindows();
        }
    }

    @Test
    @Verifies("WIN-3")
    void theExampleOfTheSeed() {
        Geometry geometry = Geometry.of(4 * G, 124 * G, 4096);
        try (Rig rig = Rig.of(geometry)) {
            visits(rig, new IovaRange(4 * G, 64 * G), new IovaRange(68 * G, 60 * G));
        }
        try (Rig rig = Rig.of(geometry.at(8))) {
            visits(rig, new IovaRange(4 * G, 68719214592L), new IovaRange(4 * G + 68719214592L, 64424771584L));
        }
    }

    private static void visits(Rig rig, IovaRange... expected) {
        List<IovaRange> windows = rig.windows();
        if (!windows.equals(List.of(expected))) {
            throw rig.failure("windows are " + Rig.show(windows) + ", not " + Rig.show(List.of(expected)), null);
        }
    }

    /** Bitmaps around the size at which the second window begins. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 64, 2048, 4088})
    @Verifies("WIN-4")
    void oneWindowIfItFits(int offset) {
        oneWindowIfItFitsAt(offset);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4081, 4095})
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("WIN-4")
    void oneWindowIfItFitsUnaligned(int offset) {
        oneWindowIfItFitsAt(offset);
    }

    private static void oneWindowIfItFitsAt(int offset) {
        int most = FULL - 8 * offset;
        for (int bits : new int[] {most - 9, most - 8, most - 1, most, most + 1, most + 8, most + 9}) {
            try (Rig rig = Rig.of(Geometry.ofPages(0x100000, bits, 4096).at(offset))) {
                int windows = rig.windows().size();
                if (windows != (bits <= most ? 1 : 2)) {
                    throw rig.failure(windows + " windows for " + bits + " bits, of which " + most + " fit one", null);
                }
            }
        }
    }

    /** Small and unaligned, and yet in two windows: the kernel did not count the page that the offset costs. */
    @Test
    @Verifies("WIN-4")
    void aBitmapThatFitsIsNotSplit() {
        Geometry geometry = new Geometry(1 << 20, 3220176896L, 4096, 4088);
        try (Rig rig = Rig.of(geometry)) {
            visits(rig, new IovaRange(geometry.iova(), geometry.length()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 65536 + 3, FULL + 700})
    @Verifies("WIN-5")
    void bitsDependOnNeitherWindowsNorOffset(int bits) {
        sameBits(bits, 0, 8, 2048, 3840, 4088);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 65536 + 3, FULL + 700})
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("WIN-5")
    void bitsDependOnNoUnalignedOffset(int bits) {
        sameBits(bits, 0, 1, 4081, 4089, 4095);
    }

    /** Marks the same runs with the data at other places, from inside of windows and outside, and compares the words. */
    private static void sameBits(int bits, int... offsets) {
        byte[] reference = null;
        for (int offset : offsets) {
            for (boolean inWindows : new boolean[] {false, true}) {
                try (Rig rig = Rig.of(Geometry.ofPages(0x10000, bits, 4096).at(offset))) {
                    if (inWindows) {
                        rig.forEach((self, iova, length, nothing) -> mark(rig));
                    } else {
                        mark(rig);
                    }
                    byte[] words = rig.data().asSlice(0, bits / 8).toArray(ValueLayout.JAVA_BYTE);
                    if (reference != null && !Arrays.equals(reference, words)) {
                        throw rig.failure(
                                "byte " + Arrays.mismatch(reference, words)
                                        + " differs from that with the data at the start of a page",
                                null);
                    }
                    reference = words;
                }
            }
        }
    }

    private static void mark(Rig rig) {
        Geometry geometry = rig.geometry();
        int bits = geometry.bitCount();
        for (int first : new int[] {0, 5, 60, 290, bits / 2, bits - 300, bits - 1}) {
            rig.set(geometry.page(first), geometry.pages(Math.min(37, bits - first)));
        }
        rig.set(geometry.page(bits / 3), geometry.pages(bits / 3));
    }

    @Test
    @Verifies("WIN-6")
    void iterationCanBeRepeated() {
        for (Geometry geometry : List.of(
                Geometry.ofPages(0, 10, 4096),
                Geometry.ofPages(0, 2 * FULL + 1, 4096).at(8))) {
            try (Rig rig = Rig.of(geometry)) {
                rig.checkWindows();
                rig.set(geometry.lastIova(), 1);
                rig.checkWindows();
                rig.checkWindows();
            }
        }
    }

    @Test
    @Verifies("WIN-6")
    void iterationStartsOverAfterOneThatWasEnded() {
        Geometry geometry = Geometry.ofPages(0, 2 * FULL + 1, 4096);
        for (int stopAt = 0; stopAt < 3; stopAt++) {
            int last = stopAt;
            try (Rig rig = Rig.of(geometry)) {
                int[] seen = {0};
                rig.log("forEach that throws in window " + last);
                rig.refuses(
                        ArithmeticException.class,
                        "forEach",
                        () -> rig.bitmap().forEach(seen, (self, iova, length, count) -> {
                            if (count[0]++ == last) {
                                throw new ArithmeticException();
                            }
                        }));
                rig.checkWindows();
            }
        }
    }
}
