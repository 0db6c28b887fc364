package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.IovaRange;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/**
 * A range of addresses described by its ends in relation to a geometry, so that edges are hit often, whatever the geometry.
 *
 * @param from where it starts
 * @param to where it ends, inclusive
 */
public record Pick(Spot from, Spot to) {
    private static final BigInteger TOP = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** What a spot is near. */
    public enum Near {
        FIRST,
        LAST,
        PAGE,
        WORD,
        ZERO,
        TOP
    }

    /**
     * An address.
     *
     * @param near what it is near
     * @param index which page or word
     * @param delta how many bytes beside it
     */
    public record Spot(Near near, int index, long delta) {
        BigInteger in(Geometry geometry) {
            BigInteger page = U64.toBigInteger(geometry.pageSize());
            BigInteger address = switch (near) {
                case FIRST -> geometry.base();
                case LAST -> geometry.last();
                case PAGE -> geometry.base().add(page.multiply(BigInteger.valueOf(index % geometry.bitCount())));
                case WORD -> geometry.base().add(page.multiply(BigInteger.valueOf(64L * (1 + index % 3))));
                case ZERO -> BigInteger.ZERO;
                case TOP -> Pick.TOP;
            };
            return address.add(BigInteger.valueOf(delta)).and(Pick.TOP);
        }

        @Override
        public String toString() {
            return near + (near == Near.PAGE || near == Near.WORD ? " " + index : "") + (delta < 0 ? "" : "+") + delta;
        }
    }

    /** {@return a range that lies inside} */
    public IovaRange inside(Geometry geometry) {
        BigInteger a = from.in(geometry).max(geometry.base()).min(geometry.last());
        BigInteger b = to.in(geometry).max(geometry.base()).min(geometry.last());
        return range(a.min(b), a.max(b));
    }

    /** {@return the range as it is, which may be outside, or wrap} */
    public IovaRange anywhere(Geometry geometry) {
        return range(from.in(geometry), to.in(geometry));
    }

    private static IovaRange range(BigInteger first, BigInteger last) {
        long length = U64.fromBigInteger(last.subtract(first).add(BigInteger.ONE));
        // from one address to the one before is the whole space, whose length cannot be expressed
        return new IovaRange(U64.fromBigInteger(first), length == 0 ? -1 : length);
    }

    /** Makes picks. */
    public static final class Any implements ArbitrarySupplier<Pick> {
        @Override
        public Arbitrary<Pick> get() {
            Arbitrary<Spot> spots = Combinators.combine(
                            Arbitraries.of(Near.class),
                            Arbitraries.integers().between(0, 511),
                            Arbitraries.oneOf(
                                    Arbitraries.longs().between(-2, 2),
                                    Arbitraries.longs().between(-5000, 5000)))
                    .as(Spot::new);
            return Combinators.combine(spots, spots).as(Pick::new).withoutEdgeCases();
        }
    }
}
