package dev.iovabitmap.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the machine can do with words of the same size: no bitmap, but a bound for one. Marking a range is a fill of the bytes
 * that it lies in, visiting and counting a pass of {@link Long#bitCount}, merging a loop over two arrays.
 */
final class LimitBits extends Bits {
    private final long[] words;
    private final MemorySegment segment;

    private LimitBits(long[] words, MemorySegment segment) {
        this.words = words;
        this.segment = segment;
    }

    static LimitBits heap(long pages) {
        long[] words = new long[words(pages)];
        return new LimitBits(words, MemorySegment.ofArray(words));
    }

    static LimitBits offHeap(long pages) {
        return new LimitBits(new long[0], Arena.ofAuto().allocate(8L * words(pages), 4096));
    }

    private static int words(long pages) {
        return (int) ((pages + 63) >>> 6);
    }

    @Override
    void set(long page) {
        words[(int) (page >>> 6)] |= 1L << page;
    }

    @Override
    void set(long firstPage, long pages) {
        long first = firstPage >>> 3;
        segment.asSlice(first, ((firstPage + pages + 7) >>> 3) - first).fill((byte) -1);
    }

    @Override
    long visit() {
        return count();
    }

    @Override
    long drain() {
        throw new UnsupportedOperationException();
    }

    @Override
    long count() {
        long count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }

    @Override
    void merge(Bits same) {
        long[] other = ((LimitBits) same).words;
        for (int i = 0; i < words.length; i++) {
            words[i] |= other[i];
        }
    }

    @Override
    void mergeCoarser(Bits coarser) {
        throw new UnsupportedOperationException();
    }

    @Override
    void clear() {
        segment.fill((byte) 0);
    }
}
