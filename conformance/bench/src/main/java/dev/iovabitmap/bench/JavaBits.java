package dev.iovabitmap.bench;

import java.util.BitSet;

/** {@link BitSet}, ranges found by its own two searches. */
final class JavaBits extends Bits {
    final BitSet bits;

    JavaBits(long pages) {
        bits = new BitSet((int) pages);
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
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int stop = bits.nextClearBit(first);
            total += visited(first, stop - first);
            first = bits.nextSetBit(stop);
        }
        return total;
    }

    @Override
    long drain() {
        long total = 0;
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int stop = bits.nextClearBit(first);
            bits.clear(first, stop);
            total += visited(first, stop - first);
            first = bits.nextSetBit(stop);
        }
        return total;
    }

    @Override
    long count() {
        return bits.cardinality();
    }

    @Override
    void merge(Bits same) {
        bits.or(((JavaBits) same).bits);
    }

    @Override
    void mergeCoarser(Bits coarser) {
        BitSet into = ((JavaBits) coarser).bits;
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int stop = bits.nextClearBit(first);
            into.set(first >> COARSER_SHIFT, ((stop - 1) >> COARSER_SHIFT) + 1);
            first = bits.nextSetBit(stop);
        }
    }

    @Override
    void clear() {
        bits.clear();
    }
}
