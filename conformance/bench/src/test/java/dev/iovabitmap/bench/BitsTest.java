package dev.iovabitmap.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All subjects do the same work: they find what {@link java.util.BitSet} finds. */
class BitsTest {
    private static final long PAGES = 1 << 17;

    @ParameterizedTest
    @MethodSource("subjectsAndShapes")
    void findsWhatBitSetFinds(String subject, Shape shape) {
        Bits expected = filled("BitSet", shape);
        Bits actual = filled(subject, shape);
        assertEquals(expected.visit(), actual.visit(), "visit");
        assertEquals(expected.count(), actual.count(), "count");
        Bits expectedCoarser = Bits.of("BitSet", PAGES >> Bits.COARSER_SHIFT);
        Bits actualCoarser = Bits.of(subject, PAGES >> Bits.COARSER_SHIFT);
        expected.mergeCoarser(expectedCoarser);
        actual.mergeCoarser(actualCoarser);
        assertEquals(expectedCoarser.count(), actualCoarser.count(), "coarser");
        Bits merged = Bits.of(subject, PAGES);
        merged.set(PAGES - 1);
        merged.merge(actual);
        expected.set(PAGES - 1);
        assertEquals(expected.visit(), merged.visit(), "merge");
        assertEquals(expected.drain(), merged.drain(), "drain");
        assertEquals(0, merged.count(), "drained");
        actual.clear();
        assertEquals(0, actual.count(), "clear");
    }

    static Stream<Arguments> subjectsAndShapes() {
        return Stream.of("heap", "ffm", "mapped", "heap-concurrent", "ffm-concurrent", "FixedBitSet", "Roaring", "HPPC")
                .flatMap(subject -> Stream.of(Shape.values()).map(shape -> Arguments.of(subject, shape)));
    }

    private static Bits filled(String subject, Shape shape) {
        Bits bits = Bits.of(subject, PAGES);
        shape.fill(bits, PAGES);
        return bits;
    }
}
