package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What reading should find, bit by bit. */
final class Dirt {
    private Dirt() {}

    /** The maximal dirty ranges, the last one cut to the geometry's. */
    static List<IovaRange> ranges(Geometry geometry, GuardedData data) {
        List<IovaRange> ranges = new ArrayList<>();
        int bits = geometry.bitCount();
        for (int bit = 0; bit < bits; bit++) {
            if (data.bit(bit)) {
                int first = bit;
                while (bit + 1 < bits && data.bit(bit + 1)) {
                    bit++;
                }
                ranges.add(range(geometry, first, bit));
            }
        }
        return ranges;
    }

    /** The addresses of a run of bits. */
    static IovaRange range(Geometry geometry, int first, int last) {
        BigInteger page = U64.toBigInteger(geometry.pageSize());
        BigInteger start = geometry.base().add(page.multiply(BigInteger.valueOf(first)));
        BigInteger end = geometry.base()
                .add(page.multiply(BigInteger.valueOf(last + 1L)))
                .min(geometry.last().add(BigInteger.ONE));
        return new IovaRange(U64.fromBigInteger(start), U64.fromBigInteger(end.subtract(start)));
    }

    /** Sets the bits below the bit count to those of a number that is repeated with shifts. */
    static void plant(Geometry geometry, GuardedData data, long pattern) {
        for (int bit = 0; bit < geometry.bitCount(); bit++) {
            data.plant(bit, (Long.rotateLeft(pattern, bit / 64 * 7) >> bit % 64 & 1) != 0);
        }
    }

    static void same(List<IovaRange> expected, List<IovaRange> actual, Object inputs) {
        if (!expected.equals(actual)) {
            throw new AssertionError("ranges are " + Rig.show(actual) + ", not " + Rig.show(expected) + "\n" + inputs);
        }
    }
}
