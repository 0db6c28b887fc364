package dev.iovabitmap.conformance.subject;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Tuple;

/** Unsigned 64-bit numbers, often such that something changes at them. */
public final class Numbers implements ArbitrarySupplier<Long> {
    @Override
    public Arbitrary<Long> get() {
        Arbitrary<Long> powers = Arbitraries.integers().between(0, 63).map(shift -> 1L << shift);
        return Arbitraries.frequencyOf(
                        Tuple.of(2, Arbitraries.of(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 4096L, -4096L)),
                        Tuple.of(1, powers),
                        Tuple.of(1, powers.map(power -> power - 1)),
                        Tuple.of(1, powers.map(power -> -power)),
                        Tuple.of(3, Arbitraries.longs()))
                .withoutEdgeCases();
    }
}
