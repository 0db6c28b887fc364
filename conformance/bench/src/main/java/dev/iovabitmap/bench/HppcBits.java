package dev.iovabitmap.bench;

import com.carrotsearch.hppc.BitSet;
import java.util.Arrays;

/** HPPC's {@link BitSet}. It has no search for a clear bit, so the end of a range is found bit by bit. */
final class HppcBits extends Bits {
    private final BitSet bits;
    private final int length;

    HppcBits(long pages) {
        length = (int) pages;
        bits = new BitSet(pages);
    }

    @Override
    void set(long page) {
        bits.set(page);
    }

    @Override
    void set(long firstPage, long pages) {
        bits.set(firstPage, firstPage + pages);
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
        bits.or(((HppcBits) same).bits);
    }

    @Override
    void mergeCoarser(Bits coarser) {
        BitSet into = ((HppcBits) coarser).bits;
        for (int first = next(0); first < length; ) {
            int stop = endOf(first);
            into.set(first >> COARSER_SHIFT, ((stop - 1) >> COARSER_SHIFT) + 1);
            first = next(stop);
        }
    }

    @Override
    void clear() {
        // its own clear forgets the length instead of the words
        Arrays.fill(bits.bits, 0, bits.wlen, 0L);
    }

    private int next(int from) {
        int found = from < length ? bits.nextSetBit(from) : -1;
        return found < 0 ? length : found;
    }

    private int endOf(int first) {
        int stop = first + 1;
        while (stop < length && bits.get(stop)) {
            stop++;
        }
        return stop;
    }
}
