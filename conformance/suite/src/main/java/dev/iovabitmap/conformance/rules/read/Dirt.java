package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Geometry.Bits;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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

    /** The maximal dirty ranges of a part, cut to it. */
    static List<IovaRange> rangesIn(Geometry geometry, GuardedData data, IovaRange part) {
        BigInteger start = U64.toBigInteger(part.iova());
        BigInteger end = start.add(U64.toBigInteger(part.length()));
        List<IovaRange> ranges = new ArrayList<>();
        for (IovaRange range : ranges(geometry, data)) {
            BigInteger from = U64.toBigInteger(range.iova()).max(start);
            BigInteger to = U64.toBigInteger(range.iova())
                    .add(U64.toBigInteger(range.length()))
                    .min(end);
            if (from.compareTo(to) < 0) {
                ranges.add(new IovaRange(U64.fromBigInteger(from), U64.fromBigInteger(to.subtract(from))));
            }
        }
        return ranges;
    }

    /** The bits of the pages that have a byte in a part. */
    static List<Integer> touched(Geometry geometry, IovaRange part) {
        Bits bits = geometry.bitsOf(part.iova(), part.length());
        return bits == null
                ? List.of()
                : IntStream.rangeClosed(bits.first(), bits.last()).boxed().toList();
    }

    /** The bits of the pages that have all their bytes in a part, of the last page those that it has. */
    static List<Integer> whole(Geometry geometry, IovaRange part) {
        BigInteger start = U64.toBigInteger(part.iova());
        BigInteger end = start.add(U64.toBigInteger(part.length()));
        return touched(geometry, part).stream()
                .filter(bit -> {
                    IovaRange page = range(geometry, bit, bit);
                    BigInteger first = U64.toBigInteger(page.iova());
                    return first.compareTo(start) >= 0
                            && first.add(U64.toBigInteger(page.length())).compareTo(end) <= 0;
                })
                .toList();
    }

    /** Finds the next dirty or clean address. Returns the address after the range if there is no such page. */
    static long next(Geometry geometry, GuardedData data, long iova, boolean dirty) {
        BigInteger from = iova == geometry.lastIova() + 1 ? null : U64.toBigInteger(iova);
        if (from != null) {
            for (int bit = geometry.bitAt(from).intValueExact(); bit < geometry.bitCount(); bit++) {
                if (data.bit(bit) == dirty) {
                    BigInteger page = U64.toBigInteger(range(geometry, bit, bit).iova());
                    return U64.fromBigInteger(page.max(from));
                }
            }
        }
        return geometry.lastIova() + 1;
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
