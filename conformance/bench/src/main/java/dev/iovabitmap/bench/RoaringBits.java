package dev.iovabitmap.bench;

import org.roaringbitmap.RoaringBitmap;

/** {@link RoaringBitmap}, whose size follows what is in it. */
final class RoaringBits extends Bits {
    private final RoaringBitmap bits = new RoaringBitmap();

    @Override
    void set(long page) {
        bits.add((int) page);
    }

    @Override
    void set(long firstPage, long pages) {
        bits.add(firstPage, firstPage + pages);
    }

    @Override
    long visit() {
        long total = 0;
        for (long first = bits.nextValue(0); first >= 0; ) {
            long stop = bits.nextAbsentValue((int) first);
            total += visited(first, stop - first);
            first = bits.nextValue((int) stop);
        }
        return total;
    }

    @Override
    long drain() {
        long total = visit();
        bits.clear();
        return total;
    }

    @Override
    long count() {
        return bits.getLongCardinality();
    }

    @Override
    void merge(Bits same) {
        bits.or(((RoaringBits) same).bits);
    }

    @Override
    void mergeCoarser(Bits coarser) {
        RoaringBitmap into = ((RoaringBits) coarser).bits;
        for (long first = bits.nextValue(0); first >= 0; ) {
            long stop = bits.nextAbsentValue((int) first);
            into.add(first >> COARSER_SHIFT, ((stop - 1) >> COARSER_SHIFT) + 1);
            first = bits.nextValue((int) stop);
        }
    }

    @Override
    void clear() {
        bits.clear();
    }
}
