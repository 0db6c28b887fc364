package dev.iovabitmap.conformance.rules.iter;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the callback gets, and what becomes of what it throws. */
public class IterTest {
    private static final Geometry ONE_WINDOW = Geometry.ofPages(0x10000, 100, 4096);
    private static final Geometry THREE_WINDOWS = Geometry.ofPages(0x10000, (1 << 25) + 100, 4096);

    @Test
    @Verifies("ITER-1")
    void theCallbackGetsTheBitmapAndTheOpaqueArgument() {
        for (Geometry geometry : List.of(ONE_WINDOW, THREE_WINDOWS)) {
            try (Rig rig = Rig.of(geometry)) {
                gets(rig, new Object());
                gets(rig, new String(new char[] {'o'})); // equal to others, but not the same
                gets(rig, rig);
                gets(rig, null);
            }
        }
    }

    private static void gets(Rig rig, @Nullable Object opaque) {
        List<IovaRange> windows = new ArrayList<>();
        Thread caller = Thread.currentThread();
        rig.log("forEach with " + (opaque == null ? "null" : opaque.getClass().getSimpleName()));
        rig.bitmap().<@Nullable Object, RuntimeException>forEach(opaque, (self, iova, length, given) -> {
            if (self != rig.bitmap()) {
                throw rig.failure("the callback did not get the bitmap that is iterated over", null);
            }
            if (given != opaque) {
                throw rig.failure("the callback did not get the opaque argument itself", null);
            }
            if (Thread.currentThread() != caller) {
                throw rig.failure("the callback did not run in the thread that called forEach", null);
            }
            windows.add(new IovaRange(iova, length));
        });
        if (!windows.equals(rig.geometry().windows())) {
            throw rig.failure("the callback got the windows " + Rig.show(windows), null);
        }
        rig.check();
    }

    static List<Throwable> throwables() {
        return List.of(
                new IOException("checked"),
                new Exception("checked"),
                new IllegalArgumentException("unchecked"),
                new IllegalStateException("unchecked"),
                new IndexOutOfBoundsException("unchecked"),
                new NullPointerException("unchecked"),
                new InterruptedException("checked"),
                new Error("an error"),
                new LinkageError("an error"),
                new StackOverflowError("an error"));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    @Verifies({"ITER-2", "WIN-6"})
    void whatTheCallbackThrowsReachesTheCaller(Throwable thrown) {
        ends(ONE_WINDOW, 0, thrown);
        for (int window = 0; window < 3; window++) {
            ends(THREE_WINDOWS, window, thrown);
        }
    }

    private static void ends(Geometry geometry, int stopAt, Throwable thrown) {
        try (Rig rig = Rig.of(geometry)) {
            int[] seen = {0};
            Throwable caught = null;
            rig.log("forEach that throws in window " + stopAt);
            try {
                rig.bitmap().forEach(seen, (self, iova, length, count) -> {
                    rig.set(iova, 3 * 4096);
                    if (count[0]++ == stopAt) {
                        sneak(thrown);
                    }
                });
            } catch (Throwable any) {
                caught = any;
            }
            if (caught instanceof AssertionError failed) {
                throw failed;
            }
            if (caught != thrown || thrown.getSuppressed().length > 0) {
                throw rig.failure(
                        "the callback threw " + thrown + ", forEach "
                                + (caught == null ? "returned" : "threw " + caught),
                        caught == thrown ? null : caught); // the planted one is none of the provider's
            }
            if (seen[0] != stopAt + 1) {
                throw rig.failure("the callback was called " + seen[0] + " times, but threw in window " + stopAt, null);
            }
            rig.check(); // what was set before stays
            isAsUsableAsBefore(rig);
        }
    }

    /** It can be marked, iterated over, with what is refused meanwhile, and closed. */
    private static void isAsUsableAsBefore(Rig rig) {
        rig.set(rig.geometry().lastIova(), 1);
        rig.checkWindows();
        rig.forEach((self, iova, length, nothing) -> {
            rig.refusesNested();
            rig.refusesClose();
        });
        rig.reallocate();
    }

    /** Throws a checked exception where the compiler sees none; the bitmap cannot know what is declared either. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> void sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @Test
    @Verifies("ITER-3")
    void nestedIterationIsRefused() {
        for (Geometry geometry : List.of(ONE_WINDOW, THREE_WINDOWS)) {
            try (Rig rig = Rig.of(geometry)) {
                List<IovaRange> windows = rig.forEach((self, iova, length, nothing) -> {
                    rig.refusesNested();
                    rig.refusesNested(); // the refusal did not end the outer iteration
                    rig.set(iova, 1);
                });
                if (!windows.equals(geometry.windows())) {
                    throw rig.failure(
                            "a nested forEach that was refused changed the outer one: " + Rig.show(windows), null);
                }
                rig.checkWindows();
            }
        }
    }

    @Test
    @Verifies("ITER-3")
    void theRefusalOfANestedIterationMayEndTheOuterOne() {
        try (Rig rig = Rig.of(ONE_WINDOW)) {
            rig.log("forEach with a forEach inside");
            rig.refuses(
                    IllegalStateException.class,
                    "a nested forEach",
                    () -> rig.bitmap()
                            .forEach(
                                    rig,
                                    (self, iova, length, same) -> same.bitmap().forEach(same, IterTest::nothing)));
            rig.checkWindows();
        }
    }

    private static void nothing(IovaBitmap bitmap, long iova, long length, Rig rig) {}

    /** What is under way on one bitmap says nothing of another, whether that one ends well or not. */
    @Test
    @Verifies({"ITER-3", "LIFE-3"})
    void anotherBitmapMayBeIteratedInside() {
        try (Rig outer = Rig.of(ONE_WINDOW);
                Rig inner = Rig.of(ONE_WINDOW)) {
            outer.forEach((self, iova, length, nothing) -> {
                inner.checkWindows();
                inner.set(iova, 1);
                outer.refusesNested();
                outer.refusesClose();
                inner.log("forEach that throws");
                inner.refuses(
                        ArithmeticException.class,
                        "forEach",
                        () -> inner.bitmap().forEach(inner, (other, start, size, same) -> {
                            outer.refusesNested();
                            throw new ArithmeticException();
                        }));
                outer.refusesNested();
                outer.refusesClose();
                inner.reallocate(); // closes it
            });
        }
    }
}
