package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Rounds;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Visiting and clearing at once. */
@AddLifecycleHook(Seeded.class)
public class DrainTest {
    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    @Property(tries = 300)
    @Verifies("READ-4")
    void handsOverEachBitOnceAndClearsIt(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind kind,
            @ForAll Fill fill,
            @ForAll long pattern) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, fill, arena);
            drains(geometry, data, "as filled, " + fill + " " + kind);
            Dirt.plant(geometry, data, pattern);
            drains(geometry, data, kind + ", pattern " + U64.show(pattern));
        }
    }

    private static void drains(Geometry geometry, GuardedData data, String how) {
        String inputs = "bitmap: " + geometry + "\nwords: " + how;
        Dirt.same(Dirt.ranges(geometry, data), drain(geometry, data.data()), inputs);
        for (int bit = 0; bit < geometry.bitCount(); bit++) {
            data.clearBit(bit);
        }
        data.check(inputs + ", drained");
        Dirt.same(List.of(), drain(geometry, data.data()), inputs + ", drained before");
    }

    private static List<IovaRange> drain(Geometry geometry, MemorySegment data) {
        List<IovaRange> ranges = new ArrayList<>();
        Library.current().drain(geometry.layout(), data, (iova, length) -> ranges.add(new IovaRange(iova, length)));
        return ranges;
    }

    /** What the visitor could not take is dirt still. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-4")
    void nothingIsLostWhenTheVisitorThrows(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
            Dirt.plant(geometry, data, 0x00ff_ff00_0000_0ff1L);
            List<IovaRange> all = Dirt.ranges(geometry, data);
            List<IovaRange> taken = new ArrayList<>();
            IOException thrown = new IOException("the stream is full");
            try {
                Library.current().<IOException>drain(geometry.layout(), data.data(), (iova, length) -> {
                    if (taken.size() == 2) {
                        throw thrown;
                    }
                    taken.add(new IovaRange(iova, length));
                });
                throw new AssertionError("drain did not throw what the visitor threw");
            } catch (IOException caught) {
                if (caught != thrown) {
                    throw new AssertionError("drain threw something else than the visitor", caught);
                }
            }
            List<IovaRange> left = drain(geometry, data.data());
            Dirt.same(all.subList(0, 2), taken, "taken before the visitor threw, " + kind);
            Dirt.same(all.subList(2, all.size()), left, "left after the visitor threw at range 2, " + kind);
        }
    }

    /** A page that is written again while it is being sent is sent again. */
    @Test
    @Verifies("READ-4")
    void aPageThatIsDirtiedInsideTheVisitorStaysDirty() {
        Geometry geometry = Geometry.ofPages(0, 128, 4096);
        for (Kind kind : Kind.values()) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                data.plant(10, true);
                data.plant(70, true);
                Library.current()
                        .drain(geometry.layout(), data.data(), (iova, length) -> data.plant((int) (iova / 4096), true));
                data.check("bitmap: " + geometry + "\n" + kind + ", drained while bits 10 and 70 are set again");
            }
        }
    }

    /** A bit of the same word that is set behind the drain is nobody else's to clear, and comes with the next one. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-4")
    void aPageThatIsDirtiedBehindTheDrainStaysDirty(Kind kind) {
        Geometry geometry = Geometry.ofPages(0, 4 * 64, 4096);
        for (int first : new int[] {3, 64 + 3, 128 + 60}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                for (int bit = 0; bit < 3; bit++) {
                    data.plant(first + 20 * bit, true);
                }
                List<IovaRange> seen = new ArrayList<>();
                Library.current().drain(geometry.layout(), data.data(), (iova, length) -> {
                    seen.add(new IovaRange(iova, length));
                    int bit = (int) (iova / 4096);
                    data.clearBit(bit);
                    data.plant(bit - 2, true);
                });
                data.check("bitmap: " + geometry + "\n" + kind + ", each range marked the page two before it; visited "
                        + Rig.show(seen));
            }
        }
    }

    /** Runs that begin and end inside of words, far apart: only their own bits are cleared. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-4")
    void longRunsAreTakenWhole(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 700 * 64, 4096);
        int[][] runs = {{0, 700 * 64 - 1}, {5, 64 * 200 + 9}, {64 * 300 + 63, 64 * 640}, {64 * 699, 64 * 700 - 1}};
        for (int[] run : runs) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(geometry, Fill.CLEAN, arena);
                for (int bit = run[0]; bit <= run[1]; bit++) {
                    data.plant(bit, true);
                }
                drains(geometry, data, kind + ", bits " + run[0] + " to " + run[1]);
            }
        }
    }

    /**
     * Threads set each bit once, as a bitmap with CONCURRENT_SET does it, while another drains the same words. Whatever the
     * interleaving, each bit comes out once; a clear that is no atomic AND would lose some, in one of the many rounds.
     */
    @Test
    @Verifies("READ-4")
    void noBitSetMeanwhileIsLost() {
        drainsWhileOthersSet(false);
        drainsWhileOthersSet(true);
    }

    private static void drainsWhileOthersSet(boolean heap) {
        int rounds = 2000;
        int setters = Rounds.threads() - 1;
        Geometry geometry = Geometry.ofPages(0x10000, 8 * 64 - 3, 4096);
        IovaBitmapLayout layout = geometry.layout();
        int bits = geometry.bitCount();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = heap
                    ? MemorySegment.ofArray(new long[geometry.byteSize() / 8])
                    : arena.allocate(geometry.byteSize(), 8);
            int[] seen = new int[bits];
            Rounds start = new Rounds(setters + 1);
            AtomicInteger finished = new AtomicInteger();
            List<Action> actions = new ArrayList<>();
            for (int i = 0; i < setters; i++) {
                int setter = i;
                actions.add(() -> {
                    try {
                        for (int round = 0; round < rounds; round++) {
                            start.await();
                            for (int bit = setter; bit < bits; bit += setters) {
                                WORD.getAndBitwiseOr(data, bit / 64 * 8L, 1L << bit % 64);
                            }
                            finished.incrementAndGet();
                            start.await();
                        }
                    } catch (Throwable failed) {
                        start.leave();
                        throw failed;
                    }
                });
            }
            actions.add(() -> {
                try {
                    for (int round = 1; round <= rounds; round++) {
                        start.await();
                        boolean last;
                        do {
                            last = finished.get() == round * setters;
                            Library.current().drain(layout, data, (iova, length) -> {
                                int first = Math.toIntExact((iova - 0x10000) / 4096);
                                for (int bit = first; bit < first + length / 4096; bit++) {
                                    seen[bit]++;
                                }
                            });
                        } while (!last);
                        requireEach(seen, round, heap);
                        start.await();
                    }
                } catch (Throwable failed) {
                    start.leave();
                    throw failed;
                }
            });
            InThread.run(actions);
        }
    }

    private static void requireEach(int[] seen, int round, boolean heap) {
        for (int bit = 0; bit < seen.length; bit++) {
            if (seen[bit] != round) {
                throw new AssertionError("a bit that was set while another thread drained was handed over "
                        + (seen[bit] < round ? "never" : "twice") + ": bit " + bit + " of data "
                        + (heap ? "on the heap" : "off the heap"));
            }
        }
    }
}
