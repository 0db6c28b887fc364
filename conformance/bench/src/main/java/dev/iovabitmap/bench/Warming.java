package dev.iovabitmap.bench;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Lets every backend work on every kind of memory, as in a JVM in which backends are interchanged. What the compiler has
 * then seen at each call is the mixture, and code that relied on seeing one kind is slow from there on.
 */
final class Warming {
    private static final long PAGES = 1 << 14;
    private static final int ROUNDS = 4_000;

    private Warming() {}

    static void allBackendsOnAllKinds() {
        List<OurBits> kinds = List.of(
                OurBits.heap(PAGES),
                OurBits.ffm(PAGES),
                OurBits.mapped(PAGES),
                OurBits.concurrentHeap(PAGES),
                OurBits.concurrentFfm(PAGES),
                new OurBits(FfmIovaBitmap.over(
                        OurBits.layout(PAGES),
                        Arena.ofAuto().allocate(PAGES / 8 + 8, 8).asSlice(3, PAGES / 8))));
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) PAGES / 8]);
        OurBits coarser = OurBits.heap(PAGES >> Bits.COARSER_SHIFT);
        long unused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (OurBits bits : kinds) {
                unused += use(bits, round);
                bits.merge(kinds.get(round % kinds.size()));
                bits.mergeCoarser(coarser);
                unused += DirtyPages.count(bits.layout, bytes);
                DirtyPages.merge(bits.layout, bytes, bits.layout, bits.data);
                DirtyPages.merge(bits.layout, bits.data, bits.layout, bytes);
                unused += bits.drain();
            }
        }
        if (unused == 42) {
            throw new AssertionError("so that nothing of it can be left out");
        }
    }

    private static long use(OurBits bits, int round) {
        bits.clear();
        for (int i = 0; i < 32; i++) {
            long page = (round * 31L + i * 401L) % (PAGES - 700);
            bits.set(page);
            bits.set(page, 2 + i);
        }
        bits.set(round % 1000, 700);
        IovaBitmap bitmap = bits.bitmap;
        bitmap.forEach(bits, (b, iova, length, opaque) -> {});
        return bits.visit() + bits.count();
    }
}
