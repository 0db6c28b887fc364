package dev.iovabitmap.bench;

import org.apache.lucene.util.FixedBitSet;

/** Lucene's {@link FixedBitSet}. It has no search for a clear bit, so the end of a range is found bit by bit. */
final class LuceneBits extends Bits {
    private final FixedBitSet bits;
    private final int length;

    LuceneBits(long pages) {
        length = (int) pages;
        bits = new FixedBitSet(length);
    }

    @Override
    void set(long page) {
        bits.set((int) page);
    }

    @Override
    void set(long firstPage, long pages) {
        bits.set((int) firstPage, (int) (firstPage + pages));
    }

    @Override
    long visit() {
        long total = 0;
        for (int first = next(0); first < length; ) {
            int stop = endOf(first);
            total += visited(first, stop - first);
            first = next(stop);
        }
        return total;
    }

    @Override
    long drain() {
        long total = 0;
        for (int first = next(0); first < length; ) {
            int stop = endOf(first);
            bits.clear(first, stop);
            total += visited(first, stop - first);
            first = next(stop);
        }
        return total;
    }

    @Override
    long count() {
        return bits.cardinality();
    }

    @Override
    void merge(Bits same) {
        bits.or(((LuceneBits) same).bits);
    }

    @Override
    void mergeCoarser(Bits coarser) {
        FixedBitSet into = ((LuceneBits) coarser).bits;
        for (int first = next(0); first < length; ) {
            int stop = endOf(first);
            into.set(first >> COARSER_SHIFT, ((stop - 1) >> COARSER_SHIFT) + 1);
            first = next(stop);
        }
    }

    @Override
    void clear() {
        bits.clear();
    }

    private int next(int from) {
        return from < length ? bits.nextSetBit(from) : length;
    }

    private int endOf(int first) {
        int stop = first + 1;
        while (stop < length && bits.get(stop)) {
            stop++;
        }
        return stop;
    }
}
