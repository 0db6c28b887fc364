package dev.iovabitmap.conformance.rules.set;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Pick;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What set refuses, length 0, and what setClipped makes of both. */
@AddLifecycleHook(Seeded.class)
public class RangeCheckTest {
    private static final Geometry AT_4G = Geometry.ofPages(0x100000000L, 10, 4096);
    private static final Geometry OVER_MIDDLE = Geometry.ofPages(Long.MAX_VALUE - 0x4fff, 10, 4096);
    private static final Geometry AT_TOP = Geometry.ofPages(-0xa000, 10, 4096);
    private static final Geometry AT_ZERO = Geometry.ofPages(0, 10, 4096);
    private static final Geometry ALL_BUT_ONE = Geometry.of(0, -1, 1L << 60);
    private static final Geometry[] ALL = {AT_4G, OVER_MIDDLE, AT_TOP, AT_ZERO, ALL_BUT_ONE, Geometry.of(77, 1, 4096)};

    @Property(tries = 400)
    @Verifies("SET-5")
    void refusesWhatIsNotInside(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll(supplier = Pick.Any.class) Pick pick) {
        try (Rig rig = Rig.of(geometry, fill)) {
            IovaRange range = pick.anywhere(geometry);
            rig.trySet(range.iova(), range.length());
        }
    }

    @Test
    @Verifies("SET-5")
    void refusesRangesThatBeginBefore() {
        for (Geometry geometry : ALL) {
            if (geometry.iova() != 0) {
                try (Rig rig = Rig.of(geometry, Fill.DIRTY)) {
                    long before = geometry.iova() - 1;
                    rig.setRefused(before, 1);
                    rig.setRefused(before, 2);
                    rig.setRefused(geometry.iova() - 77, 77 + 1);
                    rig.setRefused(0, 1);
                    rig.setRefused(0, -1);
                    rig.setRefused(0, geometry.iova() + 1);
                }
            }
        }
    }

    @Test
    @Verifies("SET-5")
    void refusesRangesThatEndBehind() {
        for (Geometry geometry : ALL) {
            try (Rig rig = Rig.of(geometry, Fill.DIRTY_INVERSE)) {
                long last = geometry.lastIova();
                rig.setRefused(last, 2);
                rig.setRefused(last + 1, 1);
                if (geometry.length() != -1) {
                    rig.setRefused(geometry.iova(), geometry.length() + 1);
                }
                rig.setRefused(last, 0x200000);
                rig.setRefused(last, 1L << 40);
            }
        }
    }

    /** Beyond the range, but in the byte, and in the page, of its last bit: the kernel set these. */
    @Test
    @Verifies("SET-5")
    void refusesThePageBehindInTheSameByte() {
        try (Rig rig = Rig.of(AT_4G)) {
            for (int page = 10; page < 80; page++) {
                rig.setRefused(AT_4G.page(page), 4096);
            }
        }
        Geometry cut = Geometry.of(0x10000, 0x1801, 4096);
        try (Rig rig = Rig.of(cut)) {
            rig.set(0x11800, 1);
            rig.setRefused(0x11801, 1);
            rig.setRefused(0x11800, 2);
            rig.setRefused(0x11000, 4096);
        }
    }

    @Test
    @Verifies("SET-5")
    void refusesRangesThatWrap() {
        for (Geometry geometry : ALL) {
            try (Rig rig = Rig.of(geometry, Fill.DIRTY)) {
                for (long length : new long[] {-1, -4096, Long.MIN_VALUE, Long.MAX_VALUE, -geometry.iova() - 1}) {
                    rig.trySet(geometry.iova(), length);
                    rig.trySet(geometry.page(1), length);
                    rig.trySet(geometry.lastIova(), length);
                    rig.trySet(-1, length);
                    rig.trySet(-4096, length);
                }
                rig.setRefused(-1, 2);
                rig.setRefused(-1, -1);
            }
        }
        try (Rig rig = Rig.of(AT_4G)) {
            rig.setRefused(0x100001000L, -4096);
        }
    }

    /** Compared as signed numbers these look inside. */
    @Test
    @Verifies("SET-5")
    void comparesUnsigned() {
        try (Rig rig = Rig.of(OVER_MIDDLE)) {
            rig.set(Long.MAX_VALUE, 2);
            rig.set(Long.MIN_VALUE, 1);
            rig.setRefused(0, 1);
            rig.setRefused(-1, 1);
            rig.setRefused(Long.MIN_VALUE + 0x5000, 1);
            rig.setRefused(Long.MAX_VALUE - 0x5000, 1);
        }
        try (Rig rig = Rig.of(AT_ZERO)) {
            rig.setRefused(-1, 1);
            rig.setRefused(Long.MIN_VALUE, 1);
            rig.setRefused(0, -1);
            rig.setRefused(1, Long.MIN_VALUE);
            rig.setRefused(0, Long.MIN_VALUE + 1);
        }
        try (Rig rig = Rig.of(AT_TOP)) {
            rig.set(-1, 1);
            rig.set(-0xa000, 0xa000);
            rig.setRefused(Long.MAX_VALUE, 1);
        }
        try (Rig rig = Rig.of(ALL_BUT_ONE)) {
            rig.setRefused(-1, 1);
            rig.set(Long.MIN_VALUE, Long.MAX_VALUE);
            rig.set(0, -1);
        }
    }

    @Test
    @Verifies("SET-6")
    void lengthZeroMarksNothingInside() {
        for (Geometry geometry : ALL) {
            for (Fill fill : Fill.values()) {
                try (Rig rig = Rig.of(geometry, fill)) {
                    rig.set(geometry.iova(), 0);
                    rig.set(geometry.lastIova(), 0);
                    rig.set(geometry.lastIova() + 1, 0);
                }
            }
        }
        try (Rig rig = Rig.of(AT_4G)) {
            rig.set(0x100001000L, 0);
            rig.set(0x100001001L, 0);
            rig.set(0x10000a000L, 0);
        }
    }

    @Test
    @Verifies("SET-6")
    void lengthZeroOutsideIsRefused() {
        try (Rig rig = Rig.of(AT_4G)) {
            rig.setRefused(0xffffffffL, 0);
            rig.setRefused(0x10000a001L, 0);
            rig.setRefused(0, 0);
            rig.setRefused(-1, 0);
        }
        try (Rig rig = Rig.of(AT_TOP)) {
            rig.set(0, 0); // the address behind the last one, modulo 2^64
            rig.setRefused(1, 0);
            rig.setRefused(-0xa001, 0);
            rig.setRefused(Long.MAX_VALUE, 0);
        }
        try (Rig rig = Rig.of(ALL_BUT_ONE)) {
            rig.set(-1, 0);
            rig.set(Long.MIN_VALUE, 0);
        }
        try (Rig rig = Rig.of(OVER_MIDDLE)) {
            rig.set(Long.MIN_VALUE, 0);
            rig.setRefused(0, 0);
            rig.setRefused(-1, 0);
        }
    }

    @Property(tries = 200)
    @Verifies("SET-6")
    void lengthZeroAnywhere(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll(supplier = Pick.Any.class) Pick pick) {
        try (Rig rig = Rig.of(geometry, fill)) {
            rig.trySet(pick.anywhere(geometry).iova(), 0);
        }
    }

    @Property(tries = 400)
    @Verifies("SET-7")
    void clipsToTheRange(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Fill fill,
            @ForAll(supplier = Pick.Any.class) Pick pick) {
        try (Rig rig = Rig.of(geometry, fill)) {
            IovaRange range = pick.anywhere(geometry);
            rig.setClipped(range.iova(), range.length());
            rig.setClipped(range.iova(), 0);
        }
    }

    @Test
    @Verifies("SET-7")
    void clipsOnBothSides() {
        for (Geometry geometry : ALL) {
            long first = geometry.iova();
            long last = geometry.lastIova();
            long[][] ranges = {
                {first, geometry.length()},
                {first, -1},
                {last, -1},
                {last, 2},
                {first - 1, 2},
                {first - 1, -1},
                {0, -1},
                {1, -1},
                {0, first + 1},
                {first - 4096, 8192},
                {Long.MIN_VALUE, Long.MIN_VALUE},
                {Long.MAX_VALUE, 2},
            };
            for (long[] range : ranges) {
                try (Rig rig = Rig.of(geometry)) {
                    rig.setClipped(range[0], range[1]);
                }
            }
        }
    }

    @Test
    @Verifies("SET-7")
    void disjointRangesAndLengthZeroMarkNothing() {
        for (Geometry geometry : ALL) {
            long behind = geometry.lastIova() + 1;
            long[][] ranges = {
                {geometry.iova() - 1, 1},
                {behind, 1},
                {behind, 4096},
                {behind, -1},
                {0, 1},
                {-1, 1},
                {-1, -1},
                {0, geometry.iova()},
                {geometry.iova(), 0},
                {geometry.page(1), 0},
                {geometry.lastIova(), 0},
                {behind, 0},
                {behind + 1, 0},
                {0, 0},
                {-1, 0},
                {Long.MIN_VALUE, 0},
                {geometry.iova() - 1, 0},
            };
            for (long[] range : ranges) {
                try (Rig rig = Rig.of(geometry)) {
                    rig.setClipped(range[0], range[1]);
                }
            }
        }
    }

    /** A wrapping range ends at 2^64 - 1 and does not go on at 0. */
    @ParameterizedTest
    @ValueSource(longs = {2, 4097, 0x100000, -1, Long.MIN_VALUE})
    @Verifies("SET-7")
    void aRangeThatWrapsIsCut(long length) {
        try (Rig rig = Rig.of(AT_ZERO)) {
            rig.setClipped(-1, length);
            rig.setClipped(-4096, Math.max(length, 5000));
        }
        try (Rig rig = Rig.of(AT_TOP)) {
            rig.setClipped(-1, length);
        }
        try (Rig rig = Rig.of(AT_4G)) {
            rig.setClipped(0x100001000L, -4096);
        }
    }
}
