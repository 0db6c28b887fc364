package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.spi.Feature;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Small bitmaps anywhere in the address space: all page sizes, ranges at its bottom, over its middle, where signed numbers
 * change sign, and up to its top, with ends inside a page and data offsets that the provider takes.
 */
public final class Geometries implements ArbitrarySupplier<Geometry> {
    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

    private enum Place {
        BOTTOM,
        ANYWHERE,
        ALIGNED,
        MIDDLE,
        TOP
    }

    @Override
    public Arbitrary<Geometry> get() {
        Arbitrary<Integer> shifts = Arbitraries.integers().between(0, 63);
        Arbitrary<Integer> bits = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.integers().between(1, 300)),
                Tuple.of(2, Arbitraries.of(1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 191, 192, 193, 512)));
        Arbitrary<Long> cuts = Arbitraries.oneOf(Arbitraries.of(0L, 1L, -1L), Arbitraries.longs());
        Arbitrary<Place> places = Arbitraries.of(Place.class);
        Arbitrary<Long> noise = Arbitraries.longs();
        return Combinators.combine(shifts, bits, cuts, places, noise, offsets())
                .as(Geometries::make)
                .withoutEdgeCases(); // the weights above have them, and jqwik would make thousands of combinations
    }

    private static Arbitrary<Integer> offsets() {
        boolean unaligned =
                Subject.hasProvider() && Subject.provider().features().contains(Feature.UNALIGNED_DATA);
        Arbitrary<Integer> aligned = Arbitraries.oneOf(
                Arbitraries.of(0, 8, 64, 2048, 4032, 4080, 4088),
                Arbitraries.integers().between(0, 511).map(word -> word * 8));
        return unaligned
                ? Arbitraries.oneOf(aligned, Arbitraries.integers().between(0, 4095), Arbitraries.of(1, 4081, 4095))
                : aligned;
    }

    private static Geometry make(int shift, int bits, long cut, Place place, long noise, int offset) {
        BigInteger page = BigInteger.ONE.shiftLeft(shift);
        BigInteger length = page.multiply(BigInteger.valueOf(bits)).min(SPACE);
        length = length.subtract(U64.toBigInteger(cut).mod(page));
        length = length.min(SPACE.subtract(BigInteger.ONE)); // 2^64 cannot be expressed
        BigInteger room = SPACE.subtract(length); // the highest base
        BigInteger anywhere = U64.toBigInteger(noise).mod(room.add(BigInteger.ONE));
        BigInteger base = switch (place) {
            case BOTTOM -> BigInteger.ZERO;
            case ANYWHERE -> anywhere;
            case ALIGNED -> anywhere.divide(page).multiply(page);
            case MIDDLE -> SPACE.shiftRight(1).subtract(length.shiftRight(1)).min(room);
            case TOP -> room;
        };
        return new Geometry(U64.fromBigInteger(base), U64.fromBigInteger(length), 1L << shift, offset);
    }
}
