package dev.iovabitmap.conformance.subject;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** A set of addresses: what a device wrote and nobody has been told yet. Plain and slow, to the byte. */
public final class Addresses {
    /** Addresses without a gap, both ends inclusive. */
    public record Stretch(BigInteger first, BigInteger last) {
        boolean misses(Stretch other) {
            return other.last.compareTo(first) < 0 || other.first.compareTo(last) > 0;
        }

        Stretch cutTo(Stretch other) {
            return new Stretch(first.max(other.first), last.min(other.last));
        }

        /** {@return the whole pages that this touches, as far as there are addresses} */
        Stretch alignedTo(long pageSize) {
            BigInteger page = U64.toBigInteger(pageSize);
            return new Stretch(
                            first.divide(page).multiply(page),
                            last.divide(page).add(BigInteger.ONE).multiply(page).subtract(BigInteger.ONE))
                    .cutTo(EVERYTHING);
        }

        /** {@return the first address as a number of 64 bits} */
        public long iova() {
            return U64.fromBigInteger(first);
        }

        /** {@return the length; 0 for the whole space} */
        public long length() {
            return U64.fromBigInteger(last.subtract(first).add(BigInteger.ONE));
        }

        @Override
        public String toString() {
            return U64.show(iova()) + ".." + U64.show(U64.fromBigInteger(last));
        }
    }

    /** The whole space. */
    public static final Stretch EVERYTHING =
            new Stretch(BigInteger.ZERO, BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));

    private final List<Stretch> stretches = new ArrayList<>();

    /** {@return the addresses of a range} */
    public static Stretch stretch(long iova, long length) {
        BigInteger first = U64.toBigInteger(iova);
        return new Stretch(first, first.add(U64.toBigInteger(length)).subtract(BigInteger.ONE));
    }

    public void add(Stretch added) {
        remove(added);
        stretches.add(added);
    }

    public void remove(Stretch removed) {
        List<Stretch> old = List.copyOf(stretches);
        stretches.clear();
        for (Stretch each : old) {
            if (each.misses(removed)) {
                stretches.add(each);
                continue;
            }
            if (each.first().compareTo(removed.first()) < 0) {
                stretches.add(new Stretch(each.first(), removed.first().subtract(BigInteger.ONE)));
            }
            if (each.last().compareTo(removed.last()) > 0) {
                stretches.add(new Stretch(removed.last().add(BigInteger.ONE), each.last()));
            }
        }
    }

    public void clear() {
        stretches.clear();
    }

    /** {@return what is there of a stretch, in no particular order} */
    public List<Stretch> within(Stretch where) {
        return stretches.stream()
                .filter(each -> !each.misses(where))
                .map(each -> each.cutTo(where))
                .toList();
    }

    @Override
    public String toString() {
        return stretches.toString();
    }
}
