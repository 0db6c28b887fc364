package dev.iovabitmap.conformance.rules.conc;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.Test;

/**
 * Many threads that mark bits of the same words. No interleaving makes a correct bitmap fail; an ordinary read, OR and write
 * would have to be lucky some hundred thousand times.
 */
public class ConcurrentSetTest {
    private static final int THREADS = 4;

    /** The threads meet at the start of each round, so that they work on the same words at the same time. */
    private static final int ROUNDS = 200;

    private static final int WORDS_PER_ROUND = 16;

    private static final Geometry GEOMETRY = Geometry.ofPages(0x10000, ROUNDS * WORDS_PER_ROUND * 64, 4096);

    @FunctionalInterface
    private interface Work {
        void mark(Rig rig, int thread, int firstBit);
    }

    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void singleBitsOfTheSameWords() {
        together((rig, thread, firstBit) -> {
            for (int bit = thread; bit < WORDS_PER_ROUND * 64; bit += THREADS) {
                rig.bitmap().set(GEOMETRY.page(firstBit + bit), 1);
            }
        });
    }

    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void singleBitsThroughSetClipped() {
        together((rig, thread, firstBit) -> {
            for (int bit = thread; bit < WORDS_PER_ROUND * 64; bit += THREADS) {
                rig.bitmap().setClipped(GEOMETRY.page(firstBit + bit), 4096);
            }
        });
    }

    /** Runs whose ends share words with the runs of others. */
    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void runsThatShareWords() {
        int run = 21;
        together((rig, thread, firstBit) -> {
            for (int bit = thread * run; bit < WORDS_PER_ROUND * 64; bit += THREADS * run) {
                rig.bitmap()
                        .set(GEOMETRY.page(firstBit + bit), GEOMETRY.pages(Math.min(run, WORDS_PER_ROUND * 64 - bit)));
            }
        });
    }

    /** Single bits next to whole words that another thread marks at once. */
    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void longRunsAndSingleBits() {
        together((rig, thread, firstBit) -> {
            if (thread == 0) {
                for (int i = 0; i < WORDS_PER_ROUND; i += 4) {
                    rig.bitmap().set(GEOMETRY.page(firstBit + i * 64 + 32), GEOMETRY.pages(128));
                }
            } else {
                for (int word = 0; word < WORDS_PER_ROUND; word++) {
                    int from = word % 4 == 1 ? 64 : word % 4 == 2 ? 32 : 0; // what the runs leave of the word
                    int to = word % 4 == 0 ? 32 : 64;
                    for (int bit = from + thread - 1; bit < to; bit += THREADS - 1) {
                        rig.bitmap().set(GEOMETRY.page(firstBit + word * 64 + bit), 1);
                    }
                }
            }
        });
    }

    /** Between them the threads mark every bit. */
    private static void together(Work work) {
        try (Rig rig = Rig.in(Arena.ofShared(), GEOMETRY, Fill.CLEAN)) {
            Phaser start = new Phaser(THREADS);
            List<Action> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                threads.add(() -> {
                    try {
                        for (int round = 0; round < ROUNDS; round++) {
                            start.arriveAndAwaitAdvance();
                            work.mark(rig, thread, round * WORDS_PER_ROUND * 64);
                        }
                    } finally {
                        start.arriveAndDeregister(); // a thread that fails keeps no other waiting
                    }
                });
            }
            rig.log(THREADS + " threads that mark every bit between them");
            InThread.run(threads);
            rig.expectMarked(GEOMETRY.iova(), GEOMETRY.length());
            rig.check();
        }
    }
}
