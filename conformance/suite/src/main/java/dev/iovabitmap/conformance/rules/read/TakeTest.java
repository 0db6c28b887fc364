package dev.iovabitmap.conformance.rules.read;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Rounds;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
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

/** Moving the bits of one bitmap into another. */
@AddLifecycleHook(Seeded.class)
public class TakeTest {
    /** After so many a thread that still waits for another leaves it the processor: a round takes far fewer. */
    private static final int LOOKS = 300;

    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final List<Kind> ATOMIC = List.of(Kind.LONG_ARRAY, Kind.REST_OF_LONG_ARRAY, Kind.NATIVE);

    /** The kinds of memory that can be accessed atomically. */
    private enum Side {
        LONG_ARRAY(Kind.LONG_ARRAY),
        REST_OF_LONG_ARRAY(Kind.REST_OF_LONG_ARRAY),
        NATIVE(Kind.NATIVE);

        private final Kind kind;

        Side(Kind kind) {
            this.kind = kind;
        }
    }

    @Property(tries = 300)
    @Verifies("READ-7")
    void movesEveryBitAndNoOther(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Side from,
            @ForAll Side into,
            @ForAll Fill fill,
            @ForAll long fromPattern,
            @ForAll long intoPattern) {
        takes(geometry, from.kind, fill, fromPattern, into.kind, intoPattern);
    }

    /** So long that an implementation may take the words by pieces, which end before the bitmap does. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-7")
    void longBitmaps(Side from) {
        for (int words : new int[] {1, 2, 63, 64, 65, 127, 129, 257, 513, 1300}) {
            for (int missing : new int[] {0, 1, 63}) {
                Geometry geometry = Geometry.ofPages(0x10000, words * 64L - missing, 4096);
                for (Side into : Side.values()) {
                    takes(geometry, from.kind, Fill.CLEAN, -1, into.kind, 0x8000_0000_0000_0001L);
                    takes(geometry, from.kind, Fill.CLEAN_INVERSE, 0x8000_0000_0000_0001L, into.kind, 0);
                }
            }
        }
    }

    /** A word here and there, at each distance. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-7")
    void fewWordsInALongBitmap(Side from) {
        Geometry geometry = Geometry.ofPages(0x10000, 700 * 64L, 4096);
        for (int gap : new int[] {1, 2, 7, 8, 9, 63, 64, 65, 300, 699}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData source = from.kind.allocate(geometry, Fill.CLEAN, arena);
                GuardedData target = Kind.NATIVE.allocate(geometry, Fill.CLEAN, arena);
                for (int word = 0; word < 700; word += gap) {
                    source.plant(word * 64 + word % 64, true);
                }
                takes(geometry, source, target, from + ", one bit in each " + gap + " words");
            }
        }
    }

    private static void takes(Geometry geometry, Kind from, Fill fill, long fromPattern, Kind into, long intoPattern) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData source = from.allocate(geometry, fill, arena);
            GuardedData target = into.allocate(
                    geometry, fill == Fill.CLEAN || fill == Fill.DIRTY ? Fill.DIRTY_INVERSE : Fill.DIRTY, arena);
            Dirt.plant(geometry, source, fromPattern);
            Dirt.plant(geometry, target, intoPattern);
            takes(
                    geometry,
                    source,
                    target,
                    from + ", " + fill + ", pattern " + U64.show(fromPattern) + "\ninto: " + into + ", pattern "
                            + U64.show(intoPattern));
        }
    }

    private static void takes(Geometry geometry, GuardedData source, GuardedData target, String how) {
        for (int bit = 0; bit < geometry.bitCount(); bit++) {
            if (source.bit(bit)) {
                target.setBit(bit);
                source.clearBit(bit);
            }
        }
        Library.current().take(geometry.layout(), source.data(), target.data());
        String inputs = "bitmap: " + geometry + "\nfrom: " + how;
        target.check(inputs + "\ndata that was taken into:");
        source.check(inputs + "\ndata that was taken from:");
    }

    /** Whichever side it is that does not do, neither side changes. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-7")
    void dataThatDoesNotDoIsRefused(Kind kind) {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData one = kind.allocate(geometry, Fill.DIRTY, arena);
            GuardedData other = Kind.LONG_ARRAY.allocate(geometry, Fill.DIRTY_INVERSE, arena);
            MemorySegment few = one.data().asSlice(0, geometry.byteSize() - 8L);
            refuses(geometry, few, other.data(), "from", "smaller");
            refuses(geometry, other.data(), few, "into", "smaller");
            refuses(geometry, one.data().asReadOnly(), other.data(), "from", "read-only");
            refuses(geometry, other.data(), one.data().asReadOnly(), "into", "read-only");
            if (!ATOMIC.contains(kind)) {
                refuses(geometry, one.data(), other.data(), "from", "not aligned");
                refuses(geometry, other.data(), one.data(), "into", "not aligned");
            }
            one.check(kind + ", taken with data that does not do");
            other.check("the other side of " + kind + ", which does not do");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-7")
    void dataThatOverlapIsRefused(Side side) {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        Geometry larger = Geometry.ofPages(0x10000, 400, 4096);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = side.kind.allocate(larger, Fill.DIRTY, arena);
            MemorySegment first = data.data().asSlice(0, geometry.byteSize());
            MemorySegment second = data.data().asSlice(geometry.byteSize() - 8L, geometry.byteSize());
            refuses(geometry, first, first, "overlap", "the same");
            refuses(geometry, first, second, "overlap", "one word in common");
            refuses(geometry, second, first, "overlap", "one word in common");
            data.check(side + ", taken into itself");
        }
    }

    private static void refuses(
            Geometry geometry, MemorySegment from, MemorySegment into, String argument, String why) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> Library.current().take(geometry.layout(), from, into),
                () -> "take of data that does not do (" + argument + ", " + why + ")");
        if (!String.valueOf(refused.getMessage()).contains(argument)) {
            throw new AssertionError("the refusal does not name " + argument + ": " + refused.getMessage(), refused);
        }
    }

    @Test
    @Verifies("READ-7")
    void closedAndForeignDataIsRefusedBeforeAnythingChanges() {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        IovaBitmapLayout layout = geometry.layout();
        try (Arena arena = Arena.ofConfined()) {
            Arena ended = Arena.ofConfined();
            MemorySegment closed = ended.allocate(geometry.byteSize(), 8);
            ended.close();
            GuardedData other = Kind.LONG_ARRAY.allocate(geometry, Fill.DIRTY, arena);
            assertThrows(IllegalStateException.class, () -> Library.current().take(layout, closed, other.data()));
            assertThrows(IllegalStateException.class, () -> Library.current().take(layout, other.data(), closed));
            MemorySegment confined = arena.allocate(geometry.byteSize(), 8);
            InThread.run(() -> {
                assertThrows(WrongThreadException.class, () -> Library.current().take(layout, confined, other.data()));
                assertThrows(WrongThreadException.class, () -> Library.current().take(layout, other.data(), confined));
            });
            other.check("the other side of data that is closed or of another thread");
        }
    }

    /**
     * Threads set bits on both sides, each bit once a round, while another takes and a last one drains what was taken. Each bit
     * comes out once: a step of the move that is not atomic, on either side, loses one in one of the many rounds.
     */
    @ParameterizedTest
    @EnumSource
    @SuppressWarnings(
            "ThreadPriorityCheck") // a hint: with fewer processors than threads another one has something to do
    @Verifies("READ-7")
    void noBitIsLostBesideWritersOfEither(Side side) {
        int rounds = 1000;
        Geometry geometry = Geometry.ofPages(0x10000, 8 * 64 - 3, 4096);
        IovaBitmapLayout layout = geometry.layout();
        int bits = geometry.bitCount();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment from = side.kind.allocate(geometry, Fill.CLEAN, arena).data();
            MemorySegment into =
                    Kind.NATIVE.allocate(geometry, Fill.CLEAN, arena).data();
            int[] seen = new int[bits];
            Rounds start = new Rounds(3);
            AtomicInteger finished = new AtomicInteger();
            List<Action> actions = new ArrayList<>();
            actions.add(leaving(start, () -> {
                for (int round = 0; round < rounds; round++) {
                    start.await();
                    for (int bit = 0; bit < bits; bit++) {
                        WORD.getAndBitwiseOr(bit % 4 == 3 ? into : from, bit / 64 * 8L, 1L << bit % 64);
                    }
                    finished.incrementAndGet();
                    start.await();
                }
            }));
            actions.add(leaving(start, () -> {
                for (int round = 1; round <= rounds; round++) {
                    start.await();
                    boolean last;
                    int looks = 0;
                    do {
                        last = finished.get() >= 2 * round - 1;
                        Library.current().take(layout, from, into);
                        if (++looks > LOOKS) {
                            Thread.yield();
                        }
                    } while (!last);
                    finished.incrementAndGet();
                    start.await();
                }
            }));
            actions.add(leaving(start, () -> {
                for (int round = 1; round <= rounds; round++) {
                    start.await();
                    boolean last;
                    int looks = 0;
                    do {
                        last = finished.get() == 2 * round;
                        Library.current().drain(layout, into, (iova, length) -> {
                            int first = Math.toIntExact((iova - 0x10000) / 4096);
                            for (int bit = first; bit < first + length / 4096; bit++) {
                                seen[bit]++;
                            }
                        });
                        if (++looks > LOOKS) {
                            Thread.yield();
                        }
                    } while (!last);
                    requireEach(seen, round, side);
                    start.await();
                }
            }));
            InThread.run(actions);
        }
    }

    private static void requireEach(int[] seen, int round, Side side) {
        for (int bit = 0; bit < seen.length; bit++) {
            if (seen[bit] != round) {
                throw new AssertionError("a bit that was set on one side while others took and drained came out "
                        + (seen[bit] < round ? "never" : "twice") + ": bit " + bit + ", taken from " + side);
            }
        }
    }

    /** One takes there and one takes back; in the end each bit is on one of the two sides. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-7")
    void nothingIsLostBetweenTwoThatTakeFromEachOther(Side side) {
        int rounds = 600;
        Geometry geometry = Geometry.ofPages(0x10000, 350 * 64 - 3, 4096);
        IovaBitmapLayout layout = geometry.layout();
        try (Arena arena = Arena.ofShared()) {
            GuardedData one = side.kind.allocate(geometry, Fill.CLEAN, arena);
            GuardedData two = Kind.NATIVE.allocate(geometry, Fill.CLEAN_INVERSE, arena);
            Dirt.plant(geometry, one, -1);
            Rounds start = new Rounds(2);
            InThread.run(List.of(
                    leaving(start, () -> {
                        for (int round = 0; round < rounds; round++) {
                            start.await();
                            Library.current().take(layout, one.data(), two.data());
                        }
                    }),
                    leaving(start, () -> {
                        for (int round = 0; round < rounds; round++) {
                            start.await();
                            Library.current().take(layout, two.data(), one.data());
                        }
                    })));
            Library.current().take(layout, two.data(), one.data());
            one.check("all bits, after two threads took them from each other, " + side);
            two.check("no bit but strays, after two threads took them from each other, " + side);
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
