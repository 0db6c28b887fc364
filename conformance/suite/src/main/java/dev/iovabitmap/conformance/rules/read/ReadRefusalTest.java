package dev.iovabitmap.conformance.rules.read;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Words that do not hold the bitmap, or that cannot be written, are refused before anything is read or changed. */
public class ReadRefusalTest {
    private static final Geometry GEOMETRY = Geometry.ofPages(0x10000, 200, 4096);
    private static final IovaBitmapLayout LAYOUT = GEOMETRY.layout();

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-1")
    void rangesOfTooFewWords(Kind kind) {
        refuses(
                kind,
                "data",
                data -> Library.current().forEachRange(LAYOUT, tooFew(data), (iova, length) -> {
                    throw new AssertionError("visited, though there are too few words");
                }));
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-2")
    void countOfTooFewWords(Kind kind) {
        refuses(kind, "data", data -> Library.current().count(LAYOUT, tooFew(data)));
        refuses(kind, "data", data -> Library.current().isDirty(LAYOUT, tooFew(data), GEOMETRY.iova()));
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-2")
    void pagesThatAreOutside(Kind kind) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = kind.allocate(GEOMETRY, Fill.DIRTY, arena).data();
            for (long iova : new long[] {GEOMETRY.iova() - 1, GEOMETRY.lastIova() + 1, 0, -1}) {
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> Library.current().isDirty(LAYOUT, data, iova),
                        () -> "isDirty(" + U64.show(iova) + "), which is outside");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-3")
    void mergeOfWordsThatDoNotDo(Kind kind) {
        Geometry other = Geometry.ofPages(0x10000, 100, 8192);
        try (Arena arena = Arena.ofConfined()) {
            GuardedData another = kind.allocate(other, Fill.CLEAN, arena);
            MemorySegment words = another.data();
            refuses(kind, "data", data -> Library.current().merge(LAYOUT, tooFew(data), other.layout(), words));
            refuses(kind, "data", data -> Library.current().merge(other.layout(), words, LAYOUT, tooFew(data)));
            refuses(
                    kind,
                    "intoData",
                    data -> Library.current().merge(other.layout(), words, LAYOUT, data.asReadOnly()));
            another.check("the other bitmap of a merge that is refused");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-4")
    void drainOfWordsThatDoNotDo(Kind kind) {
        refuses(kind, "data", data -> Library.current().drain(LAYOUT, tooFew(data), (iova, length) -> {}));
        refuses(kind, "data", data -> Library.current().drain(LAYOUT, data.asReadOnly(), (iova, length) -> {}));
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-5")
    void clearOfWordsThatDoNotDo(Kind kind) {
        refuses(kind, "data", data -> Library.current().clear(LAYOUT, tooFew(data)));
        refuses(kind, "data", data -> Library.current().clear(LAYOUT, data.asReadOnly()));
    }

    private static MemorySegment tooFew(MemorySegment data) {
        return data.asSlice(0, data.byteSize() - 1);
    }

    private interface Use {
        void of(MemorySegment data);
    }

    private static void refuses(Kind kind, String argument, Use use) {
        for (Fill fill : new Fill[] {Fill.CLEAN, Fill.DIRTY}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = kind.allocate(GEOMETRY, fill, arena);
                try {
                    use.of(data.data());
                } catch (IllegalArgumentException refused) {
                    String message = String.valueOf(refused.getMessage());
                    if (!message.contains(argument)) {
                        throw new AssertionError("the refusal does not name " + argument + ": " + message, refused);
                    }
                    data.check(kind + ", " + fill + ", after a refusal");
                    continue;
                } catch (RuntimeException other) {
                    throw new AssertionError(
                            kind + ", " + fill + ": threw " + other + ", not IllegalArgumentException", other);
                }
                throw new AssertionError(kind + ", " + fill + ": not refused");
            }
        }
    }
}
