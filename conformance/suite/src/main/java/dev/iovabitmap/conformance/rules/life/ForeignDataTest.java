package dev.iovabitmap.conformance.rules.life;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data whose arena closes, or belongs to another thread. */
public class ForeignDataTest {
    private static final Geometry GEOMETRY = Geometry.ofPages(0x10000, 1000, 4096);
    private static final Geometry THREE_WINDOWS = Geometry.ofPages(0x10000, (1 << 25) + 100, 4096);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("LIFE-4")
    void everythingIsRefusedWhenTheArenaIsClosed(boolean shared) {
        Arena arena = arena(shared);
        IovaBitmap bitmap = over(GEOMETRY, arena);
        bitmap.set(GEOMETRY.page(5), 4096);
        arena.close();
        if (bitmap.data().scope().isAlive()) { // nobody may touch it then: the JVM could crash
            throw new AssertionError("data() has a scope that outlives the arena of the segment that was given");
        }
        refusesAll(bitmap);
        refusesAll(bitmap); // the first refusal broke nothing
        if (bitmap.layout().iova() != GEOMETRY.iova() || bitmap.data().byteSize() != GEOMETRY.byteSize()) {
            throw new AssertionError("layout() or data() changed when the arena was closed");
        }
        bitmap.close();
        bitmap.close();
        refusesAll(bitmap);
    }

    /** A callback closes the arena: the windows that are left, and marks in the same one, are refused. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("LIFE-4")
    void theArenaMayCloseWhileTheBitmapIsIteratedOver(boolean shared) {
        Arena arena = arena(shared);
        IovaBitmap bitmap = over(THREE_WINDOWS, arena);
        AtomicInteger windows = new AtomicInteger();
        refuses(
                "forEach whose second callback closes the arena",
                () -> bitmap.forEach(arena, (self, iova, length, of) -> {
                    if (windows.incrementAndGet() > 2) {
                        return; // and the count tells
                    }
                    self.set(iova, 1);
                    if (windows.get() == 2) {
                        of.close();
                        refuses("set in a callback that closed the arena", () -> self.set(iova, 1));
                        refuses("setClipped in a callback that closed the arena", () -> self.setClipped(iova, 1));
                    }
                }));
        if (windows.get() != 2) {
            throw new AssertionError(
                    "the callback of window 1 closed the arena, and " + windows + " windows were visited");
        }
        refusesAll(bitmap);
        bitmap.close();
    }

    @Test
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("LIFE-4")
    void anotherThreadMayCloseTheArena() {
        Arena arena = Arena.ofShared();
        IovaBitmap bitmap = over(GEOMETRY, arena);
        bitmap.set(GEOMETRY.page(5), 4096);
        InThread.run(arena::close);
        refusesAll(bitmap);
    }

    private static Arena arena(boolean shared) {
        return shared ? Arena.ofShared() : Arena.ofConfined();
    }

    private static IovaBitmap over(Geometry geometry, Arena arena) {
        GuardedData data = Rig.allocate(geometry, Fill.CLEAN, arena);
        return Subject.provider().allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data.data());
    }

    private static void refusesAll(IovaBitmap bitmap) {
        long iova = bitmap.layout().iova();
        refuses("set", () -> bitmap.set(iova, 1));
        refuses("set of everything", () -> bitmap.set(iova, bitmap.layout().length()));
        refuses("set of length 0", () -> bitmap.set(iova, 0));
        refuses("setClipped", () -> bitmap.setClipped(iova, -1));
        refuses("setClipped of length 0", () -> bitmap.setClipped(iova, 0));
        refuses("setClipped beside the range", () -> bitmap.setClipped(0, 1));
        refuses(
                "forEach",
                () -> bitmap.forEach(bitmap, (self, start, length, same) -> {
                    throw new AssertionError("forEach called back though the arena is closed");
                }));
    }

    private static void refuses(String call, Action action) {
        try {
            action.run();
        } catch (IllegalStateException refused) {
            return;
        } catch (AssertionError failed) {
            throw failed;
        } catch (Throwable other) {
            throw new AssertionError(
                    call + " over a closed arena threw " + other + ", not IllegalStateException", other);
        }
        throw new AssertionError(call + " over a closed arena was not refused");
    }

    @Test
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("LIFE-5")
    void aThreadThatMayNotTouchTheDataIsRefused() {
        for (Fill fill : Fill.values()) {
            try (Rig rig = Rig.of(GEOMETRY, fill)) {
                rig.set(GEOMETRY.page(5), 4096);
                InThread.run(() -> {
                    refusesThread("set", () -> rig.bitmap().set(GEOMETRY.page(10), 4096));
                    refusesThread("set of everything", () -> rig.bitmap().set(GEOMETRY.iova(), GEOMETRY.length()));
                    refusesThread("set of length 0", () -> rig.bitmap().set(GEOMETRY.page(10), 0));
                    refusesThread("setClipped", () -> rig.bitmap().setClipped(GEOMETRY.page(990), 1L << 40));
                    refusesThread(
                            "forEach",
                            () -> rig.bitmap().forEach(rig, (self, iova, length, same) -> {
                                throw same.failure("forEach called back in a thread that may not touch the data", null);
                            }));
                });
                rig.check();
                rig.set(GEOMETRY.page(20), 4096); // its own thread still may
                rig.checkWindows();
            }
        }
    }

    private static void refusesThread(String call, Action action) {
        try {
            action.run();
        } catch (WrongThreadException refused) {
            return;
        } catch (AssertionError failed) {
            throw failed;
        } catch (Throwable other) {
            throw new AssertionError(
                    call + " from another thread threw " + other + ", not WrongThreadException", other);
        }
        throw new AssertionError(call + " from a thread that may not touch the data was not refused");
    }

    /** A bitmap over shared data is not bound to the thread that allocated it. */
    @Test
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("LIFE-5")
    void aThreadThatMayTouchTheDataIsNotRefused() {
        try (Rig rig = Rig.in(Arena.ofShared(), GEOMETRY, Fill.CLEAN)) {
            InThread.run(() -> {
                rig.set(GEOMETRY.page(63), 8192);
                rig.setClipped(GEOMETRY.page(990), 1L << 40);
                rig.checkWindows();
            });
            rig.check();
        }
    }
}
