package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The arithmetic of the layout against arithmetic that cannot overflow. */
class IovaBitmapLayoutProperties {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    @Property
    void bitsAndAddressesAreInverse(@ForAll("layouts") IovaBitmapLayout layout, @ForAll("longs") long pick) {
        BigInteger base = big(layout.iova());
        BigInteger offset = big(pick).mod(big(layout.length()));
        BigInteger bit = offset.divide(big(layout.pageSize()));
        assertEquals(bit.longValue(), layout.bitOf(base.add(offset).longValue()));
        assertEquals(base.add(bit.multiply(big(layout.pageSize()))).longValue(), layout.iovaOf(bit.longValue()));
    }

    @Property
    void sizesFollowFromTheLength(@ForAll("layouts") IovaBitmapLayout layout) {
        BigInteger bits = ceilDiv(big(layout.length()), big(layout.pageSize()));
        assertEquals(bits.longValue(), layout.bitCount());
        assertEquals(ceilDiv(bits, BigInteger.valueOf(64)).longValueExact(), layout.wordCount());
        assertEquals(8 * layout.wordCount(), layout.byteSize());
        assertEquals(big(layout.iova()).add(big(layout.length())).subtract(BigInteger.ONE), big(layout.lastIova()));
    }

    @Property
    void containsAgreesWithArithmeticThatCannotWrap(
            @ForAll("layouts") IovaBitmapLayout layout, @ForAll("longs") long iova, @ForAll("longs") long length) {
        BigInteger offset = big(iova - layout.iova());
        boolean inside = offset.add(big(length)).compareTo(big(layout.length())) <= 0;
        assertEquals(inside, layout.contains(iova, length));
        assertEquals(inside && length != 0, IovaBitmapLayout.isInside(iova - layout.iova(), length, layout.length()));
    }

    /** Small base pages make many windows over few bytes. */
    @Property
    void windowsTileTheRange(
            @ForAll("smallLayouts") IovaBitmapLayout layout,
            @ForAll @IntRange(min = 3, max = 6) int basePageShift,
            @ForAll @IntRange(min = 0, max = 63) int offset) {
        long basePage = 1L << basePageShift;
        long pageOffset = offset % basePage;
        long cap = basePage * basePage / 8;
        long windows = layout.windowCount(pageOffset, basePage);
        BigInteger expected = big(layout.iova());
        BigInteger end = big(layout.lastIova()).add(BigInteger.ONE);
        for (long i = 0; i < windows; i++) {
            BigInteger bytes = BigInteger.valueOf(i == 0 ? cap - pageOffset : cap);
            BigInteger full = bytes.shiftLeft(3 + layout.pageShift());
            BigInteger length = full.min(end.subtract(expected));
            assertEquals(expected, big(layout.windowIova(i, pageOffset, basePage)));
            assertEquals(length, big(layout.windowLength(i, pageOffset, basePage)));
            expected = expected.add(length);
        }
        assertEquals(end, expected);
    }

    @Provide
    Arbitrary<Long> longs() {
        return Arbitraries.oneOf(
                Arbitraries.longs(),
                Arbitraries.integers().between(0, 63).map(shift -> 1L << shift),
                Arbitraries.integers().between(0, 63).map(shift -> (1L << shift) - 1),
                Arbitraries.integers().between(0, 63).map(shift -> -(1L << shift)));
    }

    @Provide
    Arbitrary<IovaBitmapLayout> layouts() {
        return Combinators.combine(longs(), longs(), Arbitraries.integers().between(0, 63))
                .as((iova, length, shift) -> fitting(iova, length, 1L << shift));
    }

    /** At most 2^16 bits, so that there are at most 2^13 windows of the smallest kind. */
    @Provide
    Arbitrary<IovaBitmapLayout> smallLayouts() {
        return Combinators.combine(longs(), longs(), Arbitraries.integers().between(0, 63))
                .as((iova, length, shift) -> fitting(
                        iova,
                        shift > 47
                                ? length
                                : big(length)
                                        .mod(BigInteger.ONE.shiftLeft(shift + 16))
                                        .longValue(),
                        1L << shift));
    }

    private static IovaBitmapLayout fitting(long iova, long length, long pageSize) {
        BigInteger room = TWO_64.subtract(big(iova)).min(TWO_64.subtract(BigInteger.ONE));
        BigInteger cut = big(length).max(BigInteger.ONE).min(room);
        return new IovaBitmapLayout(iova, cut.longValue(), pageSize);
    }

    private static BigInteger ceilDiv(BigInteger a, BigInteger b) {
        return a.add(b).subtract(BigInteger.ONE).divide(b);
    }

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value).mod(TWO_64);
    }
}
