package dev.iovabitmap.conformance.rules.set;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Pick;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Marking while a bitmap is iterated over, and sequences of everything. */
@AddLifecycleHook(Seeded.class)
public class InCallbackTest {
    private static final int WINDOW = 1 << 24;

    /** A step of a random sequence. */
    enum Kind {
        SET,
        SET_ANYWHERE,
        SET_CLIPPED,
        SET_NOTHING,
        ITERATE_AND_SET,
        ITERATE_AND_CLIP,
        ITERATE_AND_THROW,
        ITERATE_AND_THROW_CHECKED,
        ITERATE_AND_THROW_ERROR,
        ITERATE_IN_CALLBACK,
        CLEAR,
        DRAIN,
        SECOND_BITMAP,
        CLOSE_AND_REALLOCATE
    }

    record Step(Kind kind, Pick pick) {}

    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class StopError extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    @Verifies("SET-8")
    void anyPartOfTheRangeMayBeMarkedInAnyWindow() {
        for (int offset : new int[] {0, 8, 4088}) {
            Geometry geometry =
                    Geometry.ofPages(0x1000, 2 * WINDOW + 5000, 4096).at(offset);
            int edge = WINDOW - 8 * offset;
            try (Rig rig = Rig.of(geometry)) {
                int[] windows = {0};
                rig.forEach((self, iova, length, nothing) -> {
                    int n = windows[0]++;
                    rig.log("in window " + n);
                    rig.set(iova, 1);
                    rig.set(iova + length - 1, 1);
                    rig.set(geometry.page(edge - 3 + n), geometry.pages(7)); // over the first edge
                    rig.set(geometry.page(edge + WINDOW - 9 + n), geometry.pages(13)); // over the second
                    rig.set(geometry.page(100 + n), 1); // before, or inside of the first
                    rig.set(geometry.page(2 * WINDOW + 4000 + n), 1); // behind, or inside of the last
                    rig.setClipped(geometry.page(2 * WINDOW + 4990 + n), 1L << 40);
                });
                rig.check();
            }
        }
    }

    /** What made the kernel's set-ahead skip the rest, or lose up to seven pages behind a huge one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    @Verifies("SET-8")
    void aHugePageAcrossWindowsIsFollowedBySmallOnes(int offset) {
        Geometry geometry = Geometry.of(4096, 68721577984L, 4096).at(offset);
        long start = offset == 0 ? 64L << 30 : 68719210496L;
        try (Rig rig = Rig.of(geometry)) {
            rig.forEach((self, iova, length, nothing) -> {
                long[][] sets = {{start, 2 << 20}, {start + (2 << 20), 4096}, {start + (2 << 20) + 4096, 4096}};
                for (long[] set : sets) {
                    // as an IOMMU walk does it: each entry is reported by the window that its start is in
                    if (set[0] - iova >= 0 && set[0] - iova < length) {
                        rig.set(set[0], set[1]);
                    }
                }
            });
            rig.check();
        }
    }

    /** The kernel then pinned a window of nothing, and forEach failed with EFAULT. */
    @Test
    @Verifies("SET-8")
    void aHugePageMayFinishTheRange() {
        try (Rig rig = Rig.of(Geometry.of(4096, 68721573888L, 4096))) {
            List<IovaRange> windows = rig.forEach((self, iova, length, nothing) -> {
                if (iova == 4096) {
                    rig.set(64L << 30, 2 << 20);
                }
            });
            if (!windows.equals(rig.geometry().windows())) {
                throw rig.failure("windows are " + Rig.show(windows), null);
            }
        }
    }

    @Test
    @Verifies("SET-8")
    void refusalsInACallbackAreTheSame() {
        Geometry geometry = Geometry.ofPages(0x100000000L, 10, 4096);
        try (Rig rig = Rig.of(geometry, Fill.DIRTY)) {
            rig.forEach((self, iova, length, nothing) -> {
                rig.setRefused(geometry.page(10), 1);
                rig.setRefused(geometry.page(9), 8192);
                rig.setRefused(geometry.iova() - 1, 2);
                rig.set(geometry.page(3), 0);
                rig.setClipped(geometry.page(9), 1L << 50);
            });
        }
    }

    /** The bitmap that the callback is handed is as good as the one that was allocated. */
    @Test
    @Verifies("SET-8")
    void theBitmapOfTheCallbackMarks() {
        Geometry geometry = Geometry.ofPages(0x100000000L, 100, 4096);
        try (Rig rig = Rig.of(geometry)) {
            rig.forEach((self, iova, length, nothing) -> {
                self.set(geometry.page(60), geometry.pages(9));
                rig.expectMarked(geometry.page(60), geometry.pages(9));
                rig.check();
            });
        }
    }

    /** The flag is for those who wait, and marking does not. */
    @Test
    @Verifies("SET-8")
    void marksInAnInterruptedThread() {
        Geometry geometry = Geometry.ofPages(0x10000, 200, 4096);
        try (Rig rig = Rig.of(geometry)) {
            rig.log("in an interrupted thread");
            Thread.currentThread().interrupt();
            boolean flag;
            try {
                rig.set(geometry.page(3), 4096);
                rig.setClipped(geometry.page(190), -1);
                rig.forEach((self, iova, length, nothing) -> rig.set(geometry.page(60), geometry.pages(9)));
            } finally {
                flag = Thread.interrupted();
            }
            if (!flag) {
                throw rig.failure("marking took the thread's interrupt", null);
            }
        }
    }

    @Property(tries = 300)
    @Verifies({"SET-3", "SET-8"})
    void anySequence(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll @Size(min = 1, max = 12) List<@From("steps") Step> steps) {
        try (Rig rig = Rig.of(geometry, fill)) {
            steps.forEach(step -> take(rig, step));
        }
    }

    @Provide
    Arbitrary<Step> steps() {
        return Combinators.combine(Arbitraries.of(Kind.class), new Pick.Any().get())
                .as(Step::new);
    }

    private static void take(Rig rig, Step step) {
        IovaRange inside = step.pick().inside(rig.geometry());
        IovaRange anywhere = step.pick().anywhere(rig.geometry());
        switch (step.kind()) {
            case SET -> rig.set(inside.iova(), inside.length());
            case SET_ANYWHERE -> rig.trySet(anywhere.iova(), anywhere.length());
            case SET_CLIPPED -> rig.setClipped(anywhere.iova(), anywhere.length());
            case SET_NOTHING -> rig.trySet(anywhere.iova(), 0);
            case ITERATE_AND_SET ->
                rig.forEach((self, iova, length, nothing) -> rig.set(inside.iova(), inside.length()));
            case ITERATE_AND_CLIP ->
                rig.forEach((self, iova, length, nothing) -> rig.setClipped(anywhere.iova(), anywhere.length()));
            case ITERATE_AND_THROW -> throwing(rig, inside, new Stop());
            case ITERATE_AND_THROW_CHECKED -> throwing(rig, inside, new IOException("checked"));
            case ITERATE_AND_THROW_ERROR -> throwing(rig, inside, new StopError());
            case ITERATE_IN_CALLBACK ->
                rig.forEach((self, iova, length, nothing) -> {
                    rig.refusesNested();
                    rig.set(inside.iova(), inside.length());
                    rig.refusesClose();
                });
            case CLEAR -> rig.clear();
            case DRAIN -> rig.drain();
            case SECOND_BITMAP -> besides(rig, inside);
            case CLOSE_AND_REALLOCATE -> rig.reallocate();
        }
    }

    private static void throwing(Rig rig, IovaRange inside, Throwable thrown) {
        rig.log("forEach that throws " + thrown.getClass().getSimpleName());
        rig.expectMarked(inside.iova(), inside.length());
        Throwable caught = rig.refuses(
                thrown.getClass(),
                "forEach",
                () -> rig.bitmap().<Rig, Exception>forEach(rig, (self, iova, length, same) -> {
                    self.set(inside.iova(), inside.length());
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    throw (Exception) thrown;
                }));
        if (caught != thrown) {
            throw rig.failure("forEach threw something else than the callback", caught);
        }
    }

    /** Another bitmap over the same words marks. */
    private static void besides(Rig rig, IovaRange inside) {
        rig.log("set(" + U64.show(inside.iova()) + ", " + U64.show(inside.length())
                + ") by a second bitmap over the data");
        try (IovaBitmap second = Rig.over(rig.geometry(), rig.data())) {
            second.set(inside.iova(), inside.length());
        }
        rig.expectMarked(inside.iova(), inside.length());
        rig.check();
    }
}
