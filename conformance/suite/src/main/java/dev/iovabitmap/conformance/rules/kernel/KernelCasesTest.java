package dev.iovabitmap.conformance.rules.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.kernel.PublicCases.Case;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bug of the kernel's implementation since the seed, replayed. Backends pin nothing, so all pages can be pinned. */
public class KernelCasesTest {
    /** What the sets of a case have to do with the range. */
    private enum Sets {
        INSIDE,
        OUTSIDE,
        EMPTY;

        static Sets of(Case each) {
            if (each.sets().stream().anyMatch(set -> set.length() == 0)) {
                return EMPTY;
            }
            return each.expected().path("strict_rejected").isEmpty() ? INSIDE : OUTSIDE;
        }
    }

    static List<Case> aligned() {
        return PublicCases.ofKind("bitmap", Case::isAligned);
    }

    static List<Case> alignedInside() {
        return PublicCases.ofKind("bitmap", each -> each.isAligned() && Sets.of(each) == Sets.INSIDE);
    }

    static List<Case> alignedOutside() {
        return PublicCases.ofKind("bitmap", each -> each.isAligned() && Sets.of(each) == Sets.OUTSIDE);
    }

    static List<Case> empty() {
        return PublicCases.ofKind("bitmap", each -> Sets.of(each) == Sets.EMPTY);
    }

    static List<Case> unaligned() {
        return PublicCases.ofKind("bitmap", each -> !each.isAligned());
    }

    static List<Case> invalid() {
        return PublicCases.ofKind("alloc_invalid", each -> true);
    }

    @ParameterizedTest
    @MethodSource("alignedInside")
    @Verifies({"SET-1", "SET-2"})
    void marked(Case each) {
        replayStrict(each);
    }

    @ParameterizedTest
    @MethodSource("aligned")
    @Verifies("SET-7")
    void clipped(Case each) {
        replayClipped(each);
    }

    @ParameterizedTest
    @MethodSource("alignedOutside")
    @Verifies("SET-5")
    void refused(Case each) {
        replayStrict(each);
    }

    /** The cases count a length of 0 among the refused; here it marks nothing where it is inside. */
    @ParameterizedTest
    @MethodSource("empty")
    @Verifies("SET-6")
    void lengthZero(Case each) {
        replayStrict(each);
    }

    @ParameterizedTest
    @MethodSource("unaligned")
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("BIT-3")
    void onUnalignedData(Case each) {
        replayClipped(each);
        replayStrict(each);
    }

    private static void replayClipped(Case each) {
        try (Rig rig = Rig.of(each.geometry())) {
            for (IovaRange set : each.sets()) {
                rig.setClipped(set.iova(), set.length());
            }
            byte[] actual = sameBits(rig, each.expected().path("bits_clip"));
            JsonNode digest = each.expected().path("clip_sha256");
            if (!digest.isMissingNode() && !digest.asText().equals(PublicCases.sha256(actual))) {
                throw rig.failure(
                        "SHA-256 of the bitmap is " + PublicCases.sha256(actual) + ", not " + digest.asText(), null);
            }
        }
    }

    private static void replayStrict(Case each) {
        try (Rig rig = Rig.of(each.geometry())) {
            List<IovaRange> sets = each.sets();
            for (int i = 0; i < sets.size(); i++) {
                IovaRange set = sets.get(i);
                if (set.length() == 0) {
                    rig.trySet(set.iova(), 0);
                } else if (isRefused(each, i)) {
                    rig.setRefused(set.iova(), set.length());
                } else {
                    rig.set(set.iova(), set.length());
                }
            }
            sameBits(rig, each.expected().path("bits_strict"));
        }
    }

    private static boolean isRefused(Case each, int set) {
        for (JsonNode index : each.expected().path("strict_rejected")) {
            if (index.asInt() == set) {
                return true;
            }
        }
        return false;
    }

    /** {@return the bitmap's bytes without stray bits} */
    private static byte[] sameBits(Rig rig, JsonNode runs) {
        int bits = rig.geometry().bitCount();
        byte[] expected = PublicCases.bytesOf(runs, bits);
        byte[] actual = rig.data().asSlice(0, expected.length).toArray(ValueLayout.JAVA_BYTE);
        if (bits % 8 != 0) {
            actual[actual.length - 1] &= (byte) ((1 << bits % 8) - 1);
        }
        int at = Arrays.mismatch(expected, actual);
        if (at >= 0) {
            throw rig.failure(
                    String.format("byte %d is 0x%02x, not 0x%02x as in the case", at, actual[at], expected[at]), null);
        }
        return actual;
    }

    @ParameterizedTest
    @MethodSource("aligned")
    @Verifies({"WIN-2", "WIN-4"})
    void windows(Case each) {
        replayWindows(each);
    }

    @ParameterizedTest
    @MethodSource("unaligned")
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies({"BIT-3", "WIN-1"})
    void windowsOfUnalignedData(Case each) {
        replayWindows(each);
    }

    private static void replayWindows(Case each) {
        try (Rig rig = Rig.of(each.geometry())) {
            List<IovaRange> windows = rig.windows();
            if (!windows.equals(each.windows())) {
                throw rig.failure("windows are " + Rig.show(windows) + ", not " + Rig.show(each.windows()), null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("aligned")
    @Verifies("SET-8")
    void clippedInACallback(Case each) {
        try (Rig rig = Rig.of(each.geometry())) {
            rig.forEach((self, iova, length, nothing) -> {
                for (IovaRange set : each.sets()) {
                    rig.setClipped(set.iova(), set.length());
                }
            });
            sameBits(rig, each.expected().path("bits_clip"));
        }
    }

    @ParameterizedTest
    @MethodSource("invalid")
    @Verifies({"ALLOC-1", "ALLOC-2", "ALLOC-3"})
    void invalidArguments(Case each) {
        Geometry geometry = each.geometry();
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(Geometry.of(0, 1, 1), 4096, Fill.DIRTY, arena);
            try {
                Subject.provider().allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data.data());
            } catch (IllegalArgumentException refused) {
                data.check(each);
                return;
            } catch (RuntimeException other) {
                throw new AssertionError(each + " gave " + other + ", not IllegalArgumentException", other);
            }
            throw new AssertionError(
                    each + " was not refused: " + each.json().path("note").asText());
        }
    }
}
