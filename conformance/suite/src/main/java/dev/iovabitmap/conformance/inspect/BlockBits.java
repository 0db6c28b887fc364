package dev.iovabitmap.conformance.inspect;

/**
 * What is counted of a block of words without looking at a single range. The words are the first {@code count} of an array,
 * and the word before each is at the same place of a second one. The JIT makes vectors of a loop over two arrays, but not of
 * one that reads an array at two places, which takes four times as long; to copy the words costs a tenth of that.
 */
final class BlockBits {
    private BlockBits() {}

    static long dirty(long[] block, int count) {
        long dirty = 0;
        for (int i = 0; i < count; i++) {
            dirty += Long.bitCount(block[i]);
        }
        return dirty;
    }

    /** How many bits are dirty from the block's first one on, without a gap. */
    static long dirtyFromTheFirst(long[] block, int count) {
        int full = 0;
        while (full < count && block[full] == -1L) {
            full++;
        }
        return ((long) full << 6) + (full < count ? Long.numberOfTrailingZeros(~block[full]) : 0);
    }

    /** How many runs end in the block, or at its start: one at each clear bit above a dirty one. */
    static long ends(long[] block, long[] before, int count) {
        long ends = 0;
        for (int i = 0; i < count; i++) {
            ends += Long.bitCount((block[i] << 1 | before[i] >>> 63) & ~block[i]);
        }
        return ends;
    }

    /**
     * Returns whether a run of so many bits, 1 to 64, is inside a word of the block, or crosses into one from the word
     * before. If not, no run that reaches the block is as long.
     */
    static boolean holdsRun(long[] block, long[] before, int count, int bits) {
        return inWords(block, count, bits) != 0 || crossing(block, before, count) >= bits;
    }

    /** The most bits that are in a row where two words meet. */
    private static int crossing(long[] block, long[] before, int count) {
        int most = 0;
        for (int i = 0; i < count; i++) {
            most = Math.max(most, Long.numberOfLeadingZeros(~before[i]) + Long.numberOfTrailingZeros(~block[i]));
        }
        return most;
    }

    /**
     * How many runs of so many bits there are inside words. A bit stays if the bits above it are set, as many as each step
     * adds: 1, 2, 4 and so on, the last step what is missing, and the steps behind it nothing.
     */
    private static long inWords(long[] block, int count, int bits) {
        int a = step(1, bits);
        int b = step(2, bits);
        int c = step(4, bits);
        int d = step(8, bits);
        int e = step(16, bits);
        int f = step(32, bits);
        long runs = 0;
        for (int i = 0; i < count; i++) {
            long starts = block[i];
            starts &= starts >>> a;
            starts &= starts >>> b;
            starts &= starts >>> c;
            starts &= starts >>> d;
            starts &= starts >>> e;
            starts &= starts >>> f;
            runs += Long.bitCount(starts);
        }
        return runs;
    }

    private static int step(int have, int bits) {
        return Math.max(0, Math.min(have, bits - have));
    }
}
