package dev.iovabitmap.conformance.rules.read;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Rounds;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parts of a bitmap, and the next dirty or clean address. */
@AddLifecycleHook(Seeded.class)
public class PartTest {
    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Where a part begins and ends, for the properties: the bounds are drawn from the range by these. */
    private enum Cut {
        ANYWHERE,
        PAGES,
        TO_THE_END,
        FROM_THE_START
    }

    @Property(tries = 400)
    @Verifies("READ-6")
    void aPartIsWhatLiesInIt(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long pattern,
            @ForAll Cut cut,
            @ForAll long begin,
            @ForAll long end) {
        IovaRange part = part(geometry, cut, begin, end);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            uses(geometry, data, part, "as filled, " + fill + " " + kind);
            Dirt.plant(geometry, data, pattern);
            uses(geometry, data, part, kind + ", pattern " + U64.show(pattern));
        }
    }

    private static IovaRange part(Geometry geometry, Cut cut, long begin, long end) {
        BigInteger length = U64.toBigInteger(geometry.length());
        BigInteger unit = cut == Cut.PAGES ? U64.toBigInteger(geometry.pageSize()) : BigInteger.ONE;
        BigInteger a = U64.toBigInteger(begin).mod(length).divide(unit).multiply(unit);
        BigInteger b = U64.toBigInteger(end)
                .mod(length)
                .divide(unit)
                .multiply(unit)
                .add(unit)
                .min(length);
        BigInteger first = cut == Cut.FROM_THE_START ? BigInteger.ZERO : a.min(b);
        BigInteger stop = cut == Cut.TO_THE_END ? length : a.max(b);
        return new IovaRange(U64.fromBigInteger(geometry.base().add(first)), U64.fromBigInteger(stop.subtract(first)));
    }

    /** All bitmaps of up to three short pages, all parts of them, all dirt. */
    @ParameterizedTest
    @EnumSource(names = {"LONG_ARRAY", "NATIVE", "UNALIGNED"})
    @Verifies("READ-6")
    void allPartsOfSmallBitmaps(Kind kind) {
        for (long length = 1; length <= 10; length++) {
            for (long iova : new long[] {0, 5, Long.MAX_VALUE - 3, -length}) {
                Geometry geometry = Geometry.of(iova, length, 4);
                try (Arena arena = Arena.ofConfined()) {
                    GuardedData data = kind.allocate(geometry, Fill.DIRTY_INVERSE, arena);
                    for (long dirt = 0; dirt < 1L << geometry.bitCount(); dirt++) {
                        for (long first = 0; first < length; first++) {
                            for (long size = 0; size <= length - first; size++) {
                                Dirt.plant(geometry, data, dirt);
                                uses(geometry, data, new IovaRange(iova + first, size), kind + ", dirt " + dirt);
                            }
                        }
                    }
                }
            }
        }
    }

    /** So long that an implementation may look at many words at once, from each of the first words on and to each of the last. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-6")
    void partsOfLongBitmaps(Kind kind) {
        int words = 600;
        Geometry geometry = Geometry.ofPages(0x10000, words * 64L - 7, 4096);
        for (long pattern : new long[] {0, -1, 0x8000_0000_0000_0001L}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                for (int[] bits : new int[][] {
                    {0, 64},
                    {1, 63},
                    {63, 65},
                    {64, 129},
                    {70, 64 * 9},
                    {64 * 7 + 63, 64 * 300 + 1},
                    {64 * 8, 64 * 264},
                    {64 * 9 + 1, 64 * 599 + 13},
                    {5, words * 64 - 7}
                }) {
                    Dirt.plant(geometry, data, pattern);
                    IovaRange whole = new IovaRange(geometry.page(bits[0]), geometry.pages(bits[1] - bits[0]));
                    uses(geometry, data, whole, kind + ", pattern " + U64.show(pattern));
                    Dirt.plant(geometry, data, pattern);
                    IovaRange cut = new IovaRange(whole.iova() + 1, whole.length() - 2);
                    uses(geometry, data, cut, kind + ", pattern " + U64.show(pattern));
                }
            }
        }
    }

    /** Reads and counts a part, then drains it, and does it again by clear. */
    private static void uses(Geometry geometry, GuardedData data, IovaRange part, String how) {
        String inputs = "bitmap: " + geometry + "\npart: " + show(part) + "\nwords: " + how;
        IovaBitmapLayout layout = geometry.layout();
        List<IovaRange> expected = Dirt.rangesIn(geometry, data, part);
        List<IovaRange> seen = new ArrayList<>();
        Library.current()
                .forEachRange(
                        layout,
                        data.data().asReadOnly(),
                        part.iova(),
                        part.length(),
                        (iova, length) -> seen.add(new IovaRange(iova, length)));
        Dirt.same(expected, seen, inputs);
        long count = Library.current().count(layout, data.data(), part.iova(), part.length());
        long touched = Dirt.touched(geometry, part).stream().filter(data::bit).count();
        if (count != touched) {
            throw new AssertionError("count is " + count + ", not " + touched + "\n" + inputs);
        }
        data.check(inputs + ", read only");

        List<Integer> cleared =
                Dirt.whole(geometry, part).stream().filter(data::bit).toList();
        cleared.forEach(data::clearBit);
        List<IovaRange> drained = new ArrayList<>();
        Library.current()
                .drain(
                        layout,
                        data.data(),
                        part.iova(),
                        part.length(),
                        (iova, length) -> drained.add(new IovaRange(iova, length)));
        Dirt.same(expected, drained, inputs + ", drained");
        data.check(inputs + ", drained");

        cleared.forEach(bit -> data.plant(bit, true));
        cleared.forEach(data::clearBit);
        Library.current().clear(layout, data.data(), part.iova(), part.length());
        data.check(inputs + ", cleared");
    }

    private static String show(IovaRange part) {
        return "iova " + U64.show(part.iova()) + ", length " + U64.show(part.length());
    }

    @Property(tries = 200)
    @Verifies("READ-6")
    void whatIsNotWhollyInsideIsRefusedWhole(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long iova,
            @ForAll long length) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            long end = geometry.lastIova() + 1;
            for (IovaRange part : List.of(
                    new IovaRange(iova, length),
                    new IovaRange(geometry.iova(), geometry.length() + 1),
                    new IovaRange(geometry.iova() - 1, 1),
                    new IovaRange(geometry.iova() - 1, 2),
                    new IovaRange(geometry.iova() - 1, 0),
                    new IovaRange(geometry.lastIova(), 2),
                    new IovaRange(end, 1),
                    new IovaRange(end + 1, 0),
                    new IovaRange(geometry.lastIova(), -1),
                    new IovaRange(geometry.iova(), -1),
                    new IovaRange(geometry.iova() + 1, geometry.length()))) {
                if (!geometry.takes(part.iova(), part.length())) {
                    refuses(geometry, data, part, kind + ", " + fill);
                }
            }
        }
    }

    private static void refuses(Geometry geometry, GuardedData data, IovaRange part, String how) {
        IovaBitmapLayout layout = geometry.layout();
        MemorySegment words = data.data();
        String inputs = "bitmap: " + geometry + "\npart: " + show(part) + "\nwords: " + how;
        Library library = Library.current();
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> library.forEachRange(layout, words, part.iova(), part.length(), PartTest::never),
                () -> "forEachRange, " + inputs);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> library.drain(layout, words, part.iova(), part.length(), PartTest::never),
                () -> "drain, " + inputs);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> library.count(layout, words, part.iova(), part.length()),
                () -> "count, " + inputs);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> library.clear(layout, words, part.iova(), part.length()),
                () -> "clear, " + inputs);
        data.check(inputs + ", refused");
    }

    private static void never(long iova, long length) {
        throw new AssertionError("visited " + U64.show(iova) + " of a part that has no pages, or is refused");
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-6")
    void aPartOfLengthZeroHasNoPages(Kind kind) {
        for (Geometry geometry : List.of(
                Geometry.ofPages(0x10000, 100, 4096),
                Geometry.ofPages(0, 100, 4096),
                Geometry.ofPages(-100 * 4096L, 100, 4096))) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.DIRTY, arena);
                Dirt.plant(geometry, data, -1);
                for (long iova :
                        new long[] {geometry.iova(), geometry.iova() + 77, geometry.lastIova(), geometry.lastIova() + 1
                        }) {
                    uses(geometry, data, new IovaRange(iova, 0), kind + ", all dirty");
                }
            }
        }
    }

    /** What the visitor could not take is dirt still, and the pages that the part cuts were never anything else. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-6")
    void nothingIsLostWhenTheVisitorThrows(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        IovaRange part = new IovaRange(geometry.page(3) + 100, geometry.pages(150));
        for (int taken = 0; taken < 3; taken++) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                Dirt.plant(geometry, data, 0x00ff_ff00_0000_0ff8L);
                List<IovaRange> all = Dirt.rangesIn(geometry, data, part);
                int limit = taken;
                int[] visits = {0};
                IOException thrown = new IOException("the stream is full");
                IOException caught = assertThrows(
                        IOException.class,
                        () -> Library.current()
                                .<IOException>drain(
                                        geometry.layout(), data.data(), part.iova(), part.length(), (iova, length) -> {
                                            if (visits[0]++ == limit) {
                                                throw thrown;
                                            }
                                        }));
                if (caught != thrown) {
                    throw new AssertionError("drain threw something else than the visitor", caught);
                }
                for (IovaRange range : all.subList(0, taken)) {
                    Dirt.whole(geometry, range).forEach(data::clearBit);
                }
                data.check("bitmap: " + geometry + "\npart: " + show(part) + "\nthe visitor threw at range " + taken
                        + ", " + kind);
            }
        }
    }

    /**
     * A thread clears and drains parts, while another marks pages next to them in the same words, and looks whether its marks
     * stay. A word that is read, changed and written back takes one with it in one of the many rounds.
     */
    @Test
    @Verifies("READ-6")
    void nothingOutsideChangesBesideWriters() {
        neighbours(false);
        neighbours(true);
    }

    private static void neighbours(boolean heap) {
        int rounds = 300;
        int words = 160;
        Geometry geometry = Geometry.ofPages(0, words * 64L, 4096);
        IovaBitmapLayout layout = geometry.layout();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = heap ? MemorySegment.ofArray(new long[words]) : arena.allocate(geometry.byteSize(), 8);
            Rounds start = new Rounds(2);
            InThread.run(List.of(
                    () -> {
                        try {
                            for (int round = 0; round < rounds; round++) {
                                start.await();
                                for (int word = 0; word < words; word++) {
                                    for (int bit = 32; bit < 64; bit++) {
                                        WORD.getAndBitwiseOr(data, word * 8L, 1L << bit);
                                    }
                                }
                                start.await();
                                for (int word = 0; word < words; word++) {
                                    long upper = (long) WORD.getVolatile(data, word * 8L) >>> 32;
                                    if (upper != 0xffff_ffffL) {
                                        throw new AssertionError("a page outside of a part that was cleared or drained "
                                                + "lost its mark: word " + word + " has " + U64.show(upper)
                                                + " in its upper half, of data " + (heap ? "on" : "off")
                                                + " the heap");
                                    }
                                    WORD.setVolatile(data, word * 8L, 0L);
                                }
                                start.await();
                            }
                        } catch (Throwable failed) {
                            start.leave();
                            throw failed;
                        }
                    },
                    () -> {
                        try {
                            for (int round = 0; round < rounds; round++) {
                                start.await();
                                for (int word = 0; word < words; word++) {
                                    long iova = geometry.page(word * 64L);
                                    for (int times = 0; times < 4; times++) {
                                        WORD.getAndBitwiseOr(data, word * 8L, 0x7000_0001L);
                                        if (times % 2 == 0) {
                                            Library.current().clear(layout, data, iova, geometry.pages(32));
                                        } else {
                                            Library.current()
                                                    .drain(layout, data, iova, geometry.pages(32), (at, length) -> {});
                                        }
                                    }
                                }
                                start.await();
                                start.await();
                            }
                        } catch (Throwable failed) {
                            start.leave();
                            throw failed;
                        }
                    }));
        }
    }

    @Property(tries = 300)
    @Verifies("READ-6")
    void theNextDirtyAndTheNextCleanAddress(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long pattern,
            @ForAll long noise) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            for (int i = 0; i < 2; i++) {
                String how = (i == 0 ? "as filled, " + fill : "pattern " + U64.show(pattern)) + ", " + kind;
                nexts(geometry, data, geometry.iova(), how);
                nexts(geometry, data, part(geometry, Cut.ANYWHERE, noise, noise).iova(), how);
                nexts(geometry, data, part(geometry, Cut.PAGES, noise, noise).iova(), how);
                nexts(geometry, data, geometry.lastIova(), how);
                nexts(geometry, data, geometry.lastIova() + 1, how);
                Dirt.plant(geometry, data, pattern);
            }
            for (long outside : new long[] {geometry.iova() - 1, geometry.lastIova() + 2}) {
                if (!geometry.takes(outside, 0)) {
                    assertThrows(
                            IndexOutOfBoundsException.class,
                            () -> Library.current().nextDirty(geometry.layout(), data.data(), outside));
                    assertThrows(
                            IndexOutOfBoundsException.class,
                            () -> Library.current().nextClean(geometry.layout(), data.data(), outside));
                }
            }
        }
    }

    /** One page that differs, in a bitmap of many words that do not; from each side. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-6")
    void theNextIsFoundFarAway(Kind kind) {
        int words = 600;
        for (int bits : new int[] {words * 64, words * 64 - 1, words * 64 - 63}) {
            Geometry geometry = Geometry.ofPages(0x10000, bits, 4096);
            for (Fill fill : new Fill[] {Fill.CLEAN, Fill.CLEAN_INVERSE}) {
                for (boolean dirty : new boolean[] {false, true}) {
                    try (Arena arena = Arena.ofConfined()) {
                        GuardedData data = kind.allocate(geometry, fill, arena);
                        for (int bit = 0; dirty && bit < bits; bit++) {
                            data.plant(bit, true);
                        }
                        nexts(geometry, data, geometry.iova(), kind + ", all " + (dirty ? "dirty" : "clean"));
                        for (int other : new int[] {0, 1, 63, 64, 64 * 8 + 5, 64 * 257, 64 * 300 + 63, bits - 1}) {
                            data.plant(other, !dirty);
                            String how = kind + ", all " + (dirty ? "dirty" : "clean") + " but bit " + other;
                            for (long from : new long[] {0, 1, 64, 64 * 8, other, other + 1}) {
                                nexts(geometry, data, geometry.page(from), how);
                            }
                            data.plant(other, dirty);
                        }
                    }
                }
            }
        }
    }

    private static void nexts(Geometry geometry, GuardedData data, long iova, String how) {
        String inputs = " from " + U64.show(iova) + " on\nbitmap: " + geometry + "\nwords: " + how;
        next(
                "dirty",
                Library.current().nextDirty(geometry.layout(), data.data().asReadOnly(), iova),
                Dirt.next(geometry, data, iova, true),
                inputs);
        next(
                "clean",
                Library.current().nextClean(geometry.layout(), data.data(), iova),
                Dirt.next(geometry, data, iova, false),
                inputs);
        data.check("the next" + inputs);
    }

    private static void next(String what, long actual, long expected, String inputs) {
        if (actual != expected) {
            throw new AssertionError("the next " + what + " address is " + U64.show(expected) + ", not "
                    + U64.show(actual) + "," + inputs);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-6")
    void wordsThatDoNotDoAreRefused(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        IovaBitmapLayout layout = geometry.layout();
        long iova = geometry.iova();
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, Fill.DIRTY, arena);
            MemorySegment few = data.data().asSlice(0, geometry.byteSize() - 1L);
            MemorySegment readOnly = data.data().asReadOnly();
            Library library = Library.current();
            for (Executable refused : List.<Executable>of(
                    () -> library.forEachRange(layout, few, iova, 1, PartTest::never),
                    () -> library.drain(layout, few, iova, 1, PartTest::never),
                    () -> library.count(layout, few, iova, 1),
                    () -> library.clear(layout, few, iova, 1),
                    () -> library.nextDirty(layout, few, iova),
                    () -> library.nextClean(layout, few, iova),
                    () -> library.drain(layout, readOnly, iova, 1, PartTest::never),
                    () -> library.clear(layout, readOnly, iova, 1))) {
                assertThrows(IllegalArgumentException.class, refused);
            }
            data.check(kind + ", refused");
        }
    }
}
