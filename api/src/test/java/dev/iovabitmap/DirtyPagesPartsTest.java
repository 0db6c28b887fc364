package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Parts of a bitmap against a model that knows whole numbers and single pages only. */
class DirtyPagesPartsTest {
    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

    /** A bitmap and a part of it, in whole numbers; {@code first} and {@code stop} are relative to the base. */
    record Case(BigInteger base, BigInteger length, int shift, BigInteger first, BigInteger stop, byte[] dirt) {
        IovaBitmapLayout layout() {
            return new IovaBitmapLayout(base.longValue(), length.longValue(), 1L << shift);
        }

        int pages() {
            return length.subtract(BigInteger.ONE).shiftRight(shift).intValueExact() + 1;
        }

        /** Strays included. */
        BitSet bits() {
            BitSet bits = BitSet.valueOf(dirt);
            bits.clear((pages() + 63) / 64 * 64, Math.max(bits.length(), (pages() + 63) / 64 * 64));
            return bits;
        }

        BigInteger start(int page) {
            return BigInteger.valueOf(page).shiftLeft(shift);
        }

        BigInteger end(int page) {
            return start(page + 1).min(length);
        }

        boolean touches(int page) {
            return page < pages()
                    && first.compareTo(stop) < 0
                    && start(page).compareTo(stop) < 0
                    && end(page).compareTo(first) > 0;
        }

        boolean covers(int page) {
            return touches(page)
                    && start(page).compareTo(first) >= 0
                    && end(page).compareTo(stop) <= 0;
        }

        long iova() {
            return base.add(first).longValue();
        }

        long size() {
            return stop.subtract(first).longValue();
        }

        List<IovaRange> ranges() {
            List<IovaRange> ranges = new ArrayList<>();
            for (int page = 0; page < pages(); page++) {
                if (bits().get(page) && touches(page)) {
                    BigInteger from = start(page).max(first);
                    while (page + 1 < pages() && bits().get(page + 1) && touches(page + 1)) {
                        page++;
                    }
                    BigInteger to = end(page).min(stop);
                    ranges.add(new IovaRange(
                            base.add(from).longValue(), to.subtract(from).longValue()));
                }
            }
            return ranges;
        }

        MemorySegment in(DataKind kind) {
            MemorySegment data = kind.allocate(layout().byteSize());
            byte[] bytes = bits().toByteArray();
            MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
            return data;
        }
    }

    @Property
    void partsAreWhatTheModelSays(@ForAll("cases") Case given, @ForAll("writable") DataKind kind) {
        check(given, kind);
    }

    private static void check(Case given, DataKind kind) {
        IovaBitmapLayout layout = given.layout();
        MemorySegment data = given.in(kind);
        BitSet left = given.bits();
        List<IovaRange> visited = new ArrayList<>();
        DirtyPages.forEachRange(
                layout, data, given.iova(), given.size(), (iova, length) -> visited.add(new IovaRange(iova, length)));
        assertEquals(given.ranges(), visited);
        long touched = left.stream().filter(given::touches).count();
        assertEquals(touched, DirtyPages.count(layout, data, given.iova(), given.size()));
        assertEquals(left, bits(data));
        for (int page = 0; page < given.pages(); page++) {
            if (given.covers(page)) {
                left.clear(page);
            }
        }
        List<IovaRange> drained = new ArrayList<>();
        DirtyPages.drain(
                layout, data, given.iova(), given.size(), (iova, length) -> drained.add(new IovaRange(iova, length)));
        assertEquals(given.ranges(), drained);
        assertEquals(left, bits(data));
        MemorySegment again = given.in(kind);
        DirtyPages.clear(layout, again, given.iova(), given.size());
        assertEquals(left, bits(again));
        MemorySegment restored = given.in(kind);
        if (!given.ranges().isEmpty()) {
            IllegalStateException thrown = new IllegalStateException();
            assertEquals(
                    thrown,
                    assertThrows(
                            IllegalStateException.class,
                            () -> DirtyPages.drain(layout, restored, given.iova(), given.size(), (iova, length) -> {
                                throw thrown;
                            })));
        }
        assertEquals(given.bits(), bits(restored));
    }

    @Property
    void theWholeRangeIsAPartToo(@ForAll("cases") Case given, @ForAll("writable") DataKind kind) {
        Case whole = new Case(given.base, given.length, given.shift, BigInteger.ZERO, given.length, given.dirt);
        check(whole, kind);
        IovaBitmapLayout layout = whole.layout();
        MemorySegment data = whole.in(kind);
        assertEquals(DirtyPages.count(layout, data), DirtyPages.count(layout, data, layout.iova(), layout.length()));
        List<IovaRange> all = new ArrayList<>();
        DirtyPages.forEachRange(layout, data, (iova, length) -> all.add(new IovaRange(iova, length)));
        assertEquals(all, whole.ranges());
    }

    @Property
    void theNextDirtyAndCleanAddressesAreTheEdgesOfRanges(
            @ForAll("cases") Case given, @ForAll("writable") DataKind kind) {
        IovaBitmapLayout layout = given.layout();
        MemorySegment data = given.in(kind);
        long end = layout.iova() + layout.length();
        for (boolean dirty : new boolean[] {true, false}) {
            BigInteger at = given.first;
            int page = at.equals(given.length)
                    ? given.pages()
                    : at.shiftRight(given.shift).intValueExact();
            while (page < given.pages() && given.bits().get(page) != dirty) {
                page++;
                at = given.start(page);
            }
            long expected = page < given.pages() ? given.base.add(at).longValue() : end;
            long actual = dirty
                    ? DirtyPages.nextDirty(layout, data, given.iova())
                    : DirtyPages.nextClean(layout, data, given.iova());
            assertEquals(expected, actual, dirty ? "dirty" : "clean");
        }
        if (end + 1 != layout.iova()) { // else every address is inside or that one
            assertThrows(IndexOutOfBoundsException.class, () -> DirtyPages.nextDirty(layout, data, layout.iova() - 1));
            assertThrows(IndexOutOfBoundsException.class, () -> DirtyPages.nextClean(layout, data, end + 1));
        }
    }

    /** The loop of nextDirty's Javadoc. */
    @Property
    void theLoopOfTheDocumentationVisitsAllRanges(@ForAll("cases") Case given, @ForAll("writable") DataKind kind) {
        IovaBitmapLayout layout = given.layout();
        MemorySegment data = given.in(kind);
        List<IovaRange> found = new ArrayList<>();
        long end = layout.iova() + layout.length();
        for (long at = DirtyPages.nextDirty(layout, data, layout.iova()); at != end; ) {
            long stop = DirtyPages.nextClean(layout, data, at);
            found.add(new IovaRange(at, stop - at));
            at = DirtyPages.nextDirty(layout, data, stop);
        }
        List<IovaRange> all = new ArrayList<>();
        DirtyPages.forEachRange(layout, data, (iova, length) -> all.add(new IovaRange(iova, length)));
        assertEquals(all, found);
    }

    @Test
    void refusesPartsThatAreNotInsideBeforeAnythingIsTouched() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0x1000, 0x3000, 0x1000);
        MemorySegment data = MemorySegment.ofArray(new long[] {7});
        for (long[] part : new long[][] {
            {0xfff, 1}, {0xfff, 0}, {0x4000, 1}, {0x4001, 0}, {0x1000, 0x3001}, {0x2000, -1}, {0x3fff, 2}, {0, -1}
        }) {
            assertThrows(IndexOutOfBoundsException.class, () -> DirtyPages.count(layout, data, part[0], part[1]));
            assertThrows(IndexOutOfBoundsException.class, () -> DirtyPages.clear(layout, data, part[0], part[1]));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> DirtyPages.drain(layout, data, part[0], part[1], (iova, length) -> {}));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> DirtyPages.forEachRange(layout, data, part[0], part[1], (iova, length) -> {}));
        }
        assertEquals(7, data.get(ValueLayout.JAVA_LONG, 0));
        assertThrows(NullPointerException.class, () -> DirtyPages.forEachRange(layout, data, 0x1000, 0, null));
        assertThrows(NullPointerException.class, () -> DirtyPages.drain(layout, data, 0x1000, 0, null));
    }

    private static BitSet bits(MemorySegment data) {
        return BitSet.valueOf(data.toArray(ValueLayout.JAVA_BYTE));
    }

    @Provide
    Arbitrary<DataKind> writable() {
        return Arbitraries.of(DataKind.class).filter(kind -> kind != DataKind.READ_ONLY);
    }

    /** All page shifts; at the bottom, in the middle and at the top of the space; the last page whole or cut. */
    @Provide
    Arbitrary<Case> cases() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 63),
                        Arbitraries.integers().between(1, 200),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.bytes().array(byte[].class).ofSize(32))
                .as(DirtyPagesPartsTest::make);
    }

    private static Case make(
            int shift, int pages, long cut, int place, long begin, long end, int aligned, byte[] dirt) {
        BigInteger page = BigInteger.ONE.shiftLeft(shift);
        BigInteger length = BigInteger.valueOf(pages)
                .multiply(page)
                .min(SPACE.subtract(BigInteger.ONE))
                .subtract(cut % 3 == 0 ? BigInteger.ZERO : unsigned(cut).mod(page))
                .max(BigInteger.ONE);
        BigInteger room = SPACE.subtract(length);
        BigInteger base = switch (place) {
            case 0 -> BigInteger.ZERO;
            case 1 -> room;
            case 2 -> SPACE.shiftRight(1).min(room);
            default -> unsigned(cut).mod(room.add(BigInteger.ONE));
        };
        BigInteger a = unsigned(begin).mod(length.add(BigInteger.ONE));
        BigInteger b = unsigned(end).mod(length.add(BigInteger.ONE));
        if ((aligned & 1) != 0) {
            a = a.shiftRight(shift).shiftLeft(shift);
        }
        if ((aligned & 2) != 0) {
            b = b.shiftRight(shift).shiftLeft(shift);
        }
        return new Case(base, length, shift, a.min(b), a.max(b), dirt);
    }

    private static BigInteger unsigned(long value) {
        return value < 0 ? BigInteger.valueOf(value).add(SPACE) : BigInteger.valueOf(value);
    }
}
