package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirtyTakeTest {
    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    @Test
    void movesAndUnitesAndLeavesStrays() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 130, 1);
        long[] from = {5, 0, -1, 9};
        long[] into = {2, 8, 0, 1};
        DirtyPages.take(layout, MemorySegment.ofArray(from), MemorySegment.ofArray(into));
        assertArrayEquals(new long[] {0, 0, -4, 9}, from);
        assertArrayEquals(new long[] {7, 8, 3, 1}, into);
    }

    @Test
    void refusesWhatCannotBeAccessedAtomically() {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 64, 1);
        MemorySegment good = MemorySegment.ofArray(new long[] {-1, 0});
        for (MemorySegment bad : new MemorySegment[] {
            MemorySegment.ofArray(new byte[16]),
            MemorySegment.ofArray(new int[4]),
            MemorySegment.ofArray(new long[2]).asSlice(4),
            MemorySegment.ofArray(new long[1]).asReadOnly(),
            MemorySegment.ofArray(new long[0]),
            good,
            good.asSlice(8)
        }) {
            assertThrows(IllegalArgumentException.class, () -> DirtyPages.take(layout, good, bad));
            assertThrows(IllegalArgumentException.class, () -> DirtyPages.take(layout, bad, good));
        }
        assertThrows(NullPointerException.class, () -> DirtyPages.take(layout, good, null));
        assertThrows(NullPointerException.class, () -> DirtyPages.take(layout, null, good));
        assertEquals(-1, good.get(ValueLayout.JAVA_LONG, 0));
    }

    /** The half of the file that is gone throws after words were cleared; the JVM may say so some words later. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3000})
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere a mapped file cannot be cut")
    void putsBackWhatDidNotArrive(int warming, @TempDir Path directory) throws IOException {
        int words = 4096;
        IovaBitmapLayout layout = new IovaBitmapLayout(0, words * 64L, 1);
        try (FileChannel file = FileChannel.open(
                        directory.resolve("words"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            MemorySegment into = file.map(FileChannel.MapMode.READ_WRITE, 0, words * 8L, arena);
            long[] from = new long[words];
            SplittableRandom random = new SplittableRandom(20);
            for (int i = 0; i < warming; i++) {
                from[random.nextInt(words)] = random.nextLong();
                DirtyPages.take(layout, MemorySegment.ofArray(from), into);
                into.set(ValueLayout.JAVA_LONG, 0, 0);
            }
            // words are moved in strips: the first that is gone is once at each place of one
            int[] starts = IntStream.concat(
                            IntStream.of(0, words - 1), IntStream.rangeClosed(words / 2 - 64, words / 2))
                    .toArray();
            for (int from0 : starts) {
                Arrays.fill(from, 0);
                Arrays.fill(from, from0, words, -1L);
                file.truncate(words * 4L);
                assertThrows(InternalError.class, () -> DirtyPages.take(layout, MemorySegment.ofArray(from), into));
                for (int i = from0; i < words; i++) {
                    assertTrue(
                            from[i] == -1 || i < words / 2 && into.get(ValueLayout.JAVA_LONG, 8L * i) == -1,
                            "word " + i + " of a take from word " + from0 + " on is lost");
                }
            }
        }
    }

    /** Marks on one side, taken back and forth at random: in the end all that was marked is on one of the two sides. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void losesNothingBesideWritersOfEither(long seed) throws Exception {
        int words = 20;
        int rounds = 3000;
        IovaBitmapLayout layout = new IovaBitmapLayout(0, words * 64 - 5, 1);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment one = MemorySegment.ofArray(new long[words]);
            MemorySegment two = arena.allocate(8L * words, 8);
            CyclicBarrier meet = new CyclicBarrier(3);
            SplittableRandom random = new SplittableRandom(seed);
            FutureTask<Boolean> setter = start(() -> {
                SplittableRandom mine = random.split();
                for (int round = 0; round < rounds; round++) {
                    meet.await();
                    for (int bit = 0; bit < layout.bitCount(); bit++) {
                        MemorySegment side = mine.nextBoolean() ? one : two;
                        WORD.getAndBitwiseOr(side, bit / 64 * 8L, 1L << bit);
                    }
                    meet.await();
                }
            });
            FutureTask<Boolean> back = start(() -> {
                for (int round = 0; round < rounds; round++) {
                    meet.await();
                    DirtyPages.take(layout, two, one);
                    DirtyPages.take(layout, two, one);
                    meet.await();
                }
            });
            for (int round = 0; round < rounds; round++) {
                meet.await();
                DirtyPages.take(layout, one, two);
                meet.await();
                DirtyPages.take(layout, two, one);
                assertEquals(layout.bitCount(), DirtyPages.count(layout, one), "seed " + seed + ", round " + round);
                DirtyPages.clear(layout, one);
            }
            assertTrue(setter.get() && back.get());
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static FutureTask<Boolean> start(Work work) {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            work.run();
            return true;
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
