package dev.iovabitmap.conformance.rules.life;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Pick;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.Subject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;

/** Closing. */
@AddLifecycleHook(Seeded.class)
public class LifeTest {
    private static final Geometry GEOMETRY = Geometry.ofPages(0x10000, 100, 4096);
    private static final Geometry TWO_WINDOWS = Geometry.ofPages(0x10000, (1 << 24) + 100, 4096);

    @Test
    @Verifies("LIFE-1")
    void markingAndIteratingEndWithClose() {
        try (Rig rig = Rig.of(GEOMETRY)) {
            rig.set(GEOMETRY.page(3), 4096);
            close(rig);
            refusesAll(rig, new IovaRange(GEOMETRY.page(5), 8192));
            refusesAll(rig, new IovaRange(GEOMETRY.iova(), GEOMETRY.length()));
            refusesAll(rig, new IovaRange(0, 1)); // also where the range alone would be refused, or nothing to do
            refusesAll(rig, new IovaRange(GEOMETRY.page(100), 4096));
        }
    }

    @Property(tries = 100)
    @Verifies("LIFE-1")
    void nothingIsMarkedAfterClose(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll(supplier = Pick.Any.class) Pick pick) {
        try (Rig rig = Rig.of(geometry, fill)) {
            IovaRange inside = pick.inside(geometry);
            rig.set(inside.iova(), inside.length());
            close(rig);
            refusesAll(rig, inside);
            refusesAll(rig, pick.anywhere(geometry));
        }
    }

    private static void close(Rig rig) {
        rig.log("close");
        rig.bitmap().close();
        rig.check();
    }

    private static void refusesAll(Rig rig, IovaRange range) {
        refuses(rig, "set", () -> rig.bitmap().set(range.iova(), range.length()));
        refuses(rig, "set of length 0", () -> rig.bitmap().set(range.iova(), 0));
        refuses(rig, "setClipped", () -> rig.bitmap().setClipped(range.iova(), range.length()));
        refuses(rig, "setClipped of length 0", () -> rig.bitmap().setClipped(range.iova(), 0));
        refuses(
                rig,
                "forEach",
                () -> rig.bitmap().forEach(rig, (self, iova, length, same) -> {
                    throw same.failure("forEach called back after close", null);
                }));
    }

    private static void refuses(Rig rig, String call, Rig.Action action) {
        rig.refuses(IllegalStateException.class, call + " after close", action);
    }

    @Test
    @Verifies("LIFE-1")
    void layoutAndDataAnswerBeforeAndAfterClose() {
        Geometry[] geometries = {
            GEOMETRY,
            Geometry.of(-1, 1, 1),
            Geometry.of(1, -1, 1L << 63),
            Geometry.of(0x1801, 0x12345, 65536).at(64),
        };
        for (Geometry geometry : geometries) {
            try (Rig rig = Rig.of(geometry)) {
                answers(rig);
                rig.set(geometry.iova(), 1);
                answers(rig);
                close(rig);
                answers(rig);
            }
        }
    }

    private static void answers(Rig rig) {
        Geometry geometry = rig.geometry();
        IovaBitmapLayout layout = rig.bitmap().layout();
        if (layout.iova() != geometry.iova()
                || layout.length() != geometry.length()
                || layout.pageSize() != geometry.pageSize()) {
            throw rig.failure("layout() is " + layout, null);
        }
        MemorySegment data = rig.bitmap().data();
        // equal segments start at the same place; their sizes are not compared
        if (!data.equals(rig.data()) || data.byteSize() != rig.data().byteSize() || data.isReadOnly()) {
            throw rig.failure("data() is not the segment that was given at allocation", null);
        }
        // without the scope, an access after the arena has closed would not be refused
        if (!data.scope().equals(rig.data().scope())) {
            throw rig.failure("data() has not the scope of the segment that was given at allocation", null);
        }
    }

    @Test
    @Verifies("LIFE-1")
    void closeIsIdempotent() {
        try (Rig rig = Rig.of(GEOMETRY)) {
            rig.set(GEOMETRY.page(3), 4096);
            close(rig);
            close(rig);
            close(rig);
            refuses(rig, "set", () -> rig.bitmap().set(GEOMETRY.page(3), 1));
        }
    }

    @Test
    @Verifies("LIFE-1")
    void closingOneBitmapLeavesOthersOverTheSameDataOpen() {
        try (Rig rig = Rig.of(GEOMETRY)) {
            var other =
                    Subject.provider().allocate(GEOMETRY.iova(), GEOMETRY.length(), GEOMETRY.pageSize(), rig.data());
            rig.log("close of another bitmap over the same data");
            other.close();
            rig.set(GEOMETRY.page(7), 4096);
            rig.checkWindows();
        }
    }

    @Property(tries = 100)
    @Verifies("LIFE-2")
    void closeLeavesTheDataAsItIs(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll(supplier = Pick.Any.class) Pick pick) {
        try (Rig rig = Rig.of(geometry, fill)) {
            IovaRange inside = pick.inside(geometry);
            rig.set(inside.iova(), inside.length());
            close(rig);
            close(rig);
        }
    }

    /** The words are the caller's: readable, writable and ready for the next bitmap. */
    @Test
    @Verifies("LIFE-2")
    void theDataOutlivesTheBitmap() {
        try (Rig rig = Rig.of(GEOMETRY, Fill.CLEAN_INVERSE)) {
            rig.set(GEOMETRY.page(10), GEOMETRY.pages(80));
            close(rig);
            MemorySegment data = rig.data();
            rig.guarded().plant(2, true);
            rig.guarded().plant(12, false);
            if (data.get(ValueLayout.JAVA_BYTE, 1) != (byte) 0xec) {
                throw rig.failure("byte 1 cannot be written after close", null);
            }
            try (var next =
                    Subject.provider().allocate(GEOMETRY.iova(), GEOMETRY.length(), GEOMETRY.pageSize(), data)) {
                rig.log("set(page 99) by a second bitmap");
                next.set(GEOMETRY.page(99), 1);
                rig.expectMarked(GEOMETRY.page(99), 1);
                rig.check();
            }
            rig.check();
        }
    }

    @Test
    @Verifies("LIFE-3")
    void closeInACallbackIsRefused() {
        for (Geometry geometry : List.of(GEOMETRY, TWO_WINDOWS)) {
            try (Rig rig = Rig.of(geometry)) {
                List<IovaRange> windows = rig.forEach((self, iova, length, nothing) -> {
                    rig.refusesClose();
                    rig.set(iova, 4096); // still open
                    rig.refusesClose();
                });
                if (!windows.equals(geometry.windows())) {
                    throw rig.failure("a close that was refused changed the iteration: " + Rig.show(windows), null);
                }
                rig.set(geometry.lastIova(), 1);
                rig.checkWindows();
                close(rig); // and outside of it close works
                refusesAll(rig, new IovaRange(geometry.iova(), 1));
            }
        }
    }

    @Test
    @Verifies("LIFE-3")
    void closeInAThreadOfACallbackIsRefused() {
        try (Rig rig = Rig.in(Arena.ofShared(), GEOMETRY, Fill.CLEAN)) {
            rig.forEach((self, iova, length, nothing) -> {
                InThread.run(rig::refusesClose);
                rig.set(iova, 4096);
            });
            close(rig);
        }
    }

    @Test
    @Verifies("LIFE-3")
    void theRefusalOfCloseMayEndTheIteration() {
        try (Rig rig = Rig.of(GEOMETRY)) {
            rig.log("forEach with a close inside");
            rig.refuses(
                    IllegalStateException.class,
                    "close inside a callback",
                    () -> rig.bitmap().forEach(rig, (self, iova, length, same) -> self.close()));
            rig.set(GEOMETRY.iova(), 1);
            rig.checkWindows();
            close(rig);
            refusesAll(rig, new IovaRange(GEOMETRY.iova(), 1));
        }
    }

    @Test
    @Verifies("LIFE-3")
    void closeWorksAfterAnIterationThatThrew() {
        try (Rig rig = Rig.of(GEOMETRY)) {
            rig.log("forEach that throws");
            rig.refuses(
                    ArithmeticException.class,
                    "forEach",
                    () -> rig.bitmap().forEach(rig, (self, iova, length, same) -> {
                        throw new ArithmeticException();
                    }));
            close(rig);
            refusesAll(rig, new IovaRange(GEOMETRY.iova(), 1));
        }
    }

    /** Over data that any thread may touch, in one thread after another. */
    @Test
    @Verifies("SET-8")
    void aBitmapIsBoundToNoThread() {
        for (Geometry geometry : List.of(GEOMETRY, TWO_WINDOWS)) {
            try (Rig rig = Rig.in(Arena.ofShared(), geometry, Fill.CLEAN)) {
                rig.log("in another thread");
                InThread.run(() -> {
                    rig.set(geometry.page(63), 8192);
                    rig.setClipped(geometry.page(90), -1);
                    rig.setRefused(geometry.iova() - 1, 1);
                    rig.checkWindows();
                    rig.forEach((self, iova, length, nothing) -> rig.set(iova, 1));
                });
                rig.log("in a third one");
                InThread.run(() -> {
                    rig.set(geometry.page(70), 4096);
                    rig.checkWindows();
                });
                rig.set(geometry.page(80), 4096);
                rig.log("closed in another thread");
                InThread.run(() -> close(rig));
                refusesAll(rig, new IovaRange(geometry.iova(), 1));
            }
        }
    }
}
