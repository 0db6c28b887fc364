package dev.iovabitmap.conformance.rules.win;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Numbers;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arithmetic of layouts, for ranges that no memory could hold the bits of. */
@AddLifecycleHook(Seeded.class)
public class WindowArithmeticTest {
    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

    @ParameterizedTest
    @ValueSource(longs = {4096, 16384, 65536})
    @Verifies("WIN-7")
    void theExampleWithOtherBasePages(long basePage) {
        long g = 1L << 30;
        for (int offset : new int[] {0, 1, 8, 4088, (int) basePage - 1}) {
            sameWindows(new Geometry(4 * g, 124 * g, 4096, offset), basePage);
            sameWindows(new Geometry(4 * g, 40 * 1024 * g + 777, 4096, offset), basePage);
        }
    }

    @Test
    @Verifies("WIN-7")
    void sizesOfTheThreeBasePages() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 1L << 50, 4096);
        assertEquals(64L << 30, Library.current().windowLength(layout, 0, 0, 4096));
        assertEquals(1L << 40, Library.current().windowLength(layout, 0, 0, 16384));
        assertEquals(16L << 40, Library.current().windowLength(layout, 0, 0, 65536));
        assertEquals((16L << 40) - 8 * 4096 * 4088L, Library.current().windowLength(layout, 0, 4088, 65536));
        assertEquals(64, Library.current().windowCount(layout, 0, 65536));
        assertEquals(65, Library.current().windowCount(layout, 1, 65536));
    }

    /** What is no base page, no offset in one, or no window is refused, and the first and the last that are some are not. */
    @Test
    @Verifies("WIN-7")
    void whatIsNoWindow() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 1L << 50, 4096);
        for (long basePage : new long[] {0, 1, 4, 4095, 12288, 1L << 31, Long.MIN_VALUE, -4096}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Library.current().windowCount(layout, 0, basePage),
                    () -> "base page " + basePage);
        }
        for (long offset : new long[] {-1, 4096, Long.MIN_VALUE}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Library.current().windowCount(layout, offset, 4096),
                    () -> "offset " + offset);
        }
        assertEquals(1L << 32, Library.current().windowCount(layout, 0, 8));
        assertEquals(1, Library.current().windowCount(layout, (1L << 30) - 1, 1L << 30));
        long count = Library.current().windowCount(layout, 0, 4096);
        for (long index : new long[] {-1, count, Long.MIN_VALUE}) {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> Library.current().windowIova(layout, index, 0, 4096),
                    () -> "window " + index);
        }
    }

    @Property(tries = 200)
    @Verifies("WIN-7")
    void windowsOfSmallRanges(
            @ForAll(supplier = Geometries.class) Geometry geometry, @ForAll @IntRange(max = 65535) int offset) {
        for (long basePage : new long[] {4096, 16384, 65536}) {
            sameWindows(geometry.at(offset % (int) basePage), basePage);
        }
    }

    private static void sameWindows(Geometry geometry, long basePage) {
        IovaBitmapLayout layout = geometry.layout();
        List<IovaRange> actual = new ArrayList<>();
        long count = Library.current().windowCount(layout, geometry.pageOffset(), basePage);
        for (long i = 0; i < Math.min(count, 10_000); i++) {
            actual.add(new IovaRange(
                    Library.current().windowIova(layout, i, geometry.pageOffset(), basePage),
                    Library.current().windowLength(layout, i, geometry.pageOffset(), basePage)));
        }
        List<IovaRange> expected = geometry.windows(basePage);
        if (!actual.equals(expected)) {
            throw new AssertionError("windows are " + Rig.show(actual) + ", not " + Rig.show(expected) + "\nbitmap: "
                    + geometry + ", base page size " + basePage);
        }
    }

    /** Ranges and page sizes without bound; of the windows the first, the last and one in between. */
    @Property(tries = 500)
    @Verifies("WIN-7")
    void windowsOfAnyRange(
            @ForAll(supplier = Numbers.class) long iova,
            @ForAll(supplier = Numbers.class) long length,
            @ForAll @IntRange(max = 63) int shift,
            @ForAll @IntRange(max = 65535) int offset,
            @ForAll @IntRange(max = 2) int base) {
        long basePage = 4096L << (2 * base);
        Geometry geometry = new Geometry(iova, cut(iova, length), 1L << shift, offset % (int) basePage);
        BigInteger count = geometry.windowCount(basePage);
        long actual = Library.current().windowCount(geometry.layout(), geometry.pageOffset(), basePage);
        assertEquals(count, U64.toBigInteger(actual), () -> "windows of " + geometry + ", base page " + basePage);
        for (BigInteger index : List.of(BigInteger.ZERO, count.shiftRight(1), count.subtract(BigInteger.ONE))) {
            IovaRange expected = geometry.window(index, basePage);
            long i = U64.fromBigInteger(index);
            IovaRange window = new IovaRange(
                    Library.current().windowIova(geometry.layout(), i, geometry.pageOffset(), basePage),
                    Library.current().windowLength(geometry.layout(), i, geometry.pageOffset(), basePage));
            assertEquals(expected, window, () -> "window " + index + " of " + geometry + ", base page " + basePage);
        }
    }

    /** The length, so far that the range does not wrap, and not 0. */
    private static long cut(long iova, long length) {
        BigInteger most = SPACE.subtract(U64.toBigInteger(iova)).min(SPACE.subtract(BigInteger.ONE));
        return U64.fromBigInteger(U64.toBigInteger(length).max(BigInteger.ONE).min(most));
    }

    @Property(tries = 500)
    @Verifies("WIN-7")
    void bitsAndAddressesOfAnyRange(
            @ForAll(supplier = Numbers.class) long iova,
            @ForAll(supplier = Numbers.class) long length,
            @ForAll @IntRange(max = 63) int shift,
            @ForAll(supplier = Numbers.class) long noise) {
        Geometry geometry = Geometry.of(iova, cut(iova, length), 1L << shift);
        IovaBitmapLayout layout = geometry.layout();
        BigInteger bits = geometry.bits();
        assertEquals(bits, U64.toBigInteger(Library.current().bitCount(layout)), () -> "bits of " + geometry);
        BigInteger words = bits.add(BigInteger.valueOf(63)).shiftRight(6);
        assertEquals(
                words.shiftLeft(3), U64.toBigInteger(Library.current().byteSize(layout)), () -> "bytes of " + geometry);
        BigInteger bit = U64.toBigInteger(noise).mod(bits);
        for (BigInteger each : List.of(BigInteger.ZERO, bit, bits.subtract(BigInteger.ONE))) {
            BigInteger first = geometry.base().add(each.shiftLeft(shift));
            BigInteger last = first.add(U64.toBigInteger(1L << shift))
                    .subtract(BigInteger.ONE)
                    .min(geometry.last());
            long at = U64.fromBigInteger(each);
            assertEquals(
                    U64.show(U64.fromBigInteger(first)),
                    U64.show(Library.current().iovaOf(layout, at)),
                    "iovaOf");
            assertEquals(at, Library.current().bitOf(layout, U64.fromBigInteger(first)), "bitOf the first");
            assertEquals(at, Library.current().bitOf(layout, U64.fromBigInteger(last)), "bitOf the last");
        }
    }
}
