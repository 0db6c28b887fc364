package dev.iovabitmap.conformance.rules.conc;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Rounds;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Many threads that mark bits of the same words. No interleaving makes a correct bitmap fail; an ordinary read, OR and write
 * would have to be lucky some hundred thousand times.
 */
public class ConcurrentSetTest {
    private static final int THREADS = Rounds.threads();

    /** The threads meet at the start of each round, so that they work on the same words at the same time. */
    private static final int ROUNDS = 3000;

    private static final int WORDS_PER_ROUND = 16;

    private static final int DRAINED_ROUNDS = 2000;

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

    /** Single bits next to whole words that another thread marks at once, with ends inside of words and bytes. */
    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void longRunsAndSingleBits() {
        together((rig, thread, firstBit) -> {
            if (thread == 0) {
                for (int i = 0; i < WORDS_PER_ROUND; i += 4) {
                    rig.bitmap().set(GEOMETRY.page(firstBit + i * 64 + 29), GEOMETRY.pages(134));
                }
            } else {
                for (int word = 0; word < WORDS_PER_ROUND; word++) {
                    int from = word % 4 == 1 ? 64 : word % 4 == 2 ? 35 : 0; // what the runs leave of the word
                    int to = word % 4 == 0 ? 29 : 64;
                    for (int bit = from + thread - 1; bit < to; bit += THREADS - 1) {
                        rig.bitmap().set(GEOMETRY.page(firstBit + word * 64 + bit), 1);
                    }
                }
            }
        });
    }

    /** Between them the threads mark every bit. */
    private static void together(Work work) {
        Processors.requireSeveral("CONC-2");
        try (Rig rig = Rig.in(Arena.ofShared(), GEOMETRY, Fill.CLEAN)) {
            Rounds start = new Rounds(THREADS);
            List<Action> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                threads.add(leaving(start, () -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        start.await();
                        work.mark(rig, thread, round * WORDS_PER_ROUND * 64);
                    }
                }));
            }
            rig.log("threads that mark every bit between them");
            InThread.run(threads);
            rig.expectMarked(GEOMETRY.iova(), GEOMETRY.length());
            rig.check();
        }
    }

    /** A lock around the iteration would keep the threads waiting for the callback, and the callback for the threads. */
    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void aCallbackMayWaitForThreadsThatMark() {
        Geometry geometry = Geometry.ofPages(0x10000, 1000, 4096);
        try (Rig rig = Rig.in(Arena.ofShared(), geometry, Fill.CLEAN)) {
            rig.forEach((self, iova, length, nothing) -> {
                List<Action> threads = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    int thread = i;
                    threads.add(() -> {
                        rig.bitmap().set(geometry.page(10L * thread), geometry.pages(3));
                        rig.bitmap().setClipped(geometry.page(990), 1L << 40);
                    });
                    rig.expectMarked(geometry.page(10L * thread), geometry.pages(3));
                }
                rig.expectMarked(geometry.page(990), 1L << 40);
                rig.log("set in threads that the callback waits for");
                InThread.run(threads);
                rig.check();
            });
        }
    }

    /**
     * A bitmap is drained while threads mark, each page once a round. A set that is only safe from other sets puts bits back
     * that the drain has taken, and so hands them over twice, or wipes out what another has set.
     */
    @Test
    @Needs(Feature.CONCURRENT_SET)
    @Verifies("CONC-2")
    void drainingMayGoOnBeside() {
        Processors.requireSeveral("CONC-2");
        Geometry geometry = Geometry.ofPages(0x10000, 8 * 64 - 3, 4096);
        try (Rig rig = Rig.in(Arena.ofShared(), geometry, Fill.CLEAN)) {
            int setters = Math.max(1, THREADS - 1);
            int[] seen = new int[geometry.bitCount()];
            Rounds start = new Rounds(setters + 1);
            AtomicInteger finished = new AtomicInteger();
            List<Action> actions = new ArrayList<>();
            for (int i = 0; i < setters; i++) {
                int setter = i;
                actions.add(leaving(start, () -> {
                    for (int round = 0; round < DRAINED_ROUNDS; round++) {
                        start.await();
                        for (int bit = setter; bit < seen.length; bit += setters) {
                            rig.bitmap().set(geometry.page(bit), 1);
                        }
                        finished.incrementAndGet();
                        start.await();
                    }
                }));
            }
            actions.add(leaving(start, () -> {
                for (int round = 1; round <= DRAINED_ROUNDS; round++) {
                    start.await();
                    boolean last;
                    do { // what is left when all have finished counts too
                        last = finished.get() == round * setters;
                        DirtyPages.drain(geometry.layout(), rig.data(), (iova, length) -> {
                            int first = Math.toIntExact((iova - 0x10000) / 4096);
                            for (int bit = first; bit < first + length / 4096; bit++) {
                                seen[bit]++;
                            }
                        });
                    } while (!last);
                    requireEach(rig, seen, round);
                    start.await();
                }
            }));
            rig.log("threads that mark every bit between them, while another drains");
            InThread.run(actions);
            rig.check(); // all is taken
        }
    }

    private static void requireEach(Rig rig, int[] seen, int round) {
        for (int bit = 0; bit < seen.length; bit++) {
            if (seen[bit] != round) {
                throw rig.failure(
                        "a bit that was set once was handed over " + (seen[bit] < round ? "never" : "twice"), null);
            }
        }
    }

    /** An action that keeps no other waiting when it fails. */
    private static Action leaving(Rounds start, Action action) {
        return () -> {
            try {
                action.run();
            } catch (Throwable failed) {
                start.leave();
                throw failed;
            }
        };
    }
}
