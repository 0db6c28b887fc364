package dev.iovabitmap.conformance.rules.alloc;

import static org.junit.jupiter.api.Assertions.assertAll;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.Subject;
import java.lang.foreign.Arena;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ranges, page sizes and data make a bitmap. */
@AddLifecycleHook(Seeded.class)
public class AllocTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4096, Long.MAX_VALUE, Long.MIN_VALUE, -4096, -1})
    @Verifies("ALLOC-1")
    void refusesLengthZero(long iova) {
        for (int shift = 0; shift < 64; shift++) {
            Refusals.refuses(IllegalArgumentException.class, iova, 0, 1L << shift, 64);
        }
    }

    @Test
    @Verifies("ALLOC-1")
    void takesLengthOne() {
        for (long iova : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            try (Rig rig = Rig.of(Geometry.of(iova, 1, 4096))) {
                rig.set(iova, 1);
            }
        }
    }

    /** 0x3000 is the kernel's open question R4: it acts there as 4 KiB. */
    @ParameterizedTest
    @ValueSource(longs = {0, 3, 5, 6, 7, 9, 0x3000, 4095, 4097, 0x1001, 0x180000000L, Long.MAX_VALUE, -1, -2, -4096})
    @Verifies("ALLOC-2")
    void refusesPageSizesThatAreNoPowerOfTwo(long pageSize) {
        Refusals.refuses(IllegalArgumentException.class, 0x1000, 0x10000, pageSize, 8192);
        Refusals.refuses(IllegalArgumentException.class, 0, 1, pageSize, 64);
    }

    @Property(tries = 100)
    @Verifies("ALLOC-2")
    void refusesAnyPageSizeWithTwoBits(@ForAll long pageSize) {
        if (Long.bitCount(pageSize) != 1) {
            Refusals.refuses(IllegalArgumentException.class, 0, 4096, pageSize, 8192);
        }
    }

    @Test
    @Verifies("ALLOC-2")
    void takesEveryPowerOfTwo() {
        for (int shift = 0; shift < 64; shift++) {
            try (Rig rig = Rig.of(Geometry.of(0, 1L << Math.min(shift + 3, 63), 1L << shift))) {
                rig.set(0, 1);
            }
        }
    }

    @Test
    @Verifies("ALLOC-3")
    void refusesRangesThatWrap() {
        long[][] wrapping = {
            {-1, 2},
            {-4096, 4097},
            {-4096, 8192},
            {2, -1},
            {Long.MIN_VALUE, Long.MIN_VALUE + 1},
            {-1, -1},
            {Long.MAX_VALUE, Long.MIN_VALUE + 2},
            {-8192, -8192},
            {4096, -4095},
        };
        for (long[] range : wrapping) {
            for (int shift : new int[] {56, 60, 63}) {
                Refusals.refuses(IllegalArgumentException.class, range[0], range[1], 1L << shift, 4096);
            }
        }
    }

    @Test
    @Verifies("ALLOC-3")
    void refusesSmallRangesThatWrap() {
        Refusals.refuses(IllegalArgumentException.class, -4096, 4097, 4096, 4096);
        Refusals.refuses(IllegalArgumentException.class, -4096, 8192, 4096, 4096);
        Refusals.refuses(IllegalArgumentException.class, -1, 2, 1, 4096);
        Refusals.refuses(IllegalArgumentException.class, -1, 2, 4096, 4096);
    }

    @Test
    @Verifies("ALLOC-3")
    void takesRangesThatEndAtTheTop() {
        Geometry[] tops = {
            Geometry.of(-1, 1, 1),
            Geometry.of(-1, 1, 4096),
            Geometry.of(-4096, 4096, 4096),
            Geometry.of(-0xc000, 0xc000, 4096),
            Geometry.of(-5000, 5000, 4096),
            Geometry.of(Long.MIN_VALUE, Long.MIN_VALUE, 1L << 57),
            Geometry.of(1, -1, 1L << 58),
            Geometry.of(0, -1, 1L << 63),
        };
        for (Geometry top : tops) {
            try (Rig rig = Rig.of(top)) {
                rig.set(top.lastIova(), 1);
                rig.set(top.iova(), top.length());
            }
        }
    }

    @Test
    @Verifies("ALLOC-3")
    void takesRangesOverTheChangeOfSign() {
        Geometry middle = Geometry.of(Long.MAX_VALUE - 4095, 8192, 4096);
        try (Rig rig = Rig.of(middle)) {
            rig.set(Long.MAX_VALUE, 2);
            rig.setRefused(Long.MAX_VALUE, 8192);
        }
    }

    @Test
    @Verifies("ALLOC-4")
    void refusesDataThatIsTooSmall() {
        for (long pages : new long[] {1, 8, 9, 63, 64, 65, 128, 129, 32768, 32769}) {
            Geometry geometry = Geometry.ofPages(0x10000, pages, 4096);
            int needed = geometry.byteSize();
            Refusals.refuses(IllegalArgumentException.class, 0x10000, geometry.length(), 4096, needed - 1);
            Refusals.refuses(IllegalArgumentException.class, 0x10000, geometry.length(), 4096, needed - 8);
            Refusals.refuses(IllegalArgumentException.class, 0x10000, geometry.length(), 4096, 0);
            long bytes = (pages + 7) / 8;
            if (bytes < needed) {
                Refusals.refuses(IllegalArgumentException.class, 0x10000, geometry.length(), 4096, bytes);
            }
        }
    }

    /** A page that is only begun has a bit too. */
    @Test
    @Verifies("ALLOC-4")
    void countsTheBitOfACutPage() {
        Refusals.refuses(IllegalArgumentException.class, 0, 64 * 4096 + 1, 4096, 8);
        try (Rig rig = Rig.of(Geometry.of(0, 64 * 4096 + 1, 4096))) {
            rig.set(64 * 4096, 1);
        }
    }

    /** Sizes that wrap, or that look small or negative as 32 or 64 bits. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                -1,
                -63,
                -64,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                1L << 38,
                (1L << 38) + 1,
                1L << 37,
                1L << 35,
                1L << 61
            })
    @Verifies("ALLOC-4")
    void refusesDataThatIsFarTooSmall(long length) {
        Refusals.refuses(IllegalArgumentException.class, 0, length, 1, 8);
        Refusals.refuses(IllegalArgumentException.class, 0, length, 1, 0);
    }

    @Test
    @Verifies("ALLOC-4")
    void takesDataOfTheSizeAndMore() {
        Geometry geometry = Geometry.ofPages(0x10000, 130, 4096);
        for (long more : new long[] {0, 1, 7, 8, 4096}) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData data = Rig.allocate(geometry, geometry.byteSize() + more, Fill.CLEAN, arena);
                IovaBitmap bitmap = Subject.provider()
                        .allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data.data());
                bitmap.set(geometry.iova(), geometry.length());
                data.setBits(0, 129);
                data.check("bitmap: " + geometry + "\ndata of " + more + " bytes more than needed, all pages set");
            }
        }
    }

    @Test
    @Verifies({"ALLOC-4", "ALLOC-5"})
    void refusesReadOnlyData() {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(Geometry.ofPages(0, 64, 4096), Fill.DIRTY, arena);
            Refusals.refuses(
                    IllegalArgumentException.class,
                    data,
                    "read-only data",
                    () -> Subject.provider()
                            .allocate(0, 64 * 4096, 4096, data.data().asReadOnly()));
        }
    }

    @Property(tries = 200)
    @Verifies("ALLOC-6")
    void changesNoBit(@ForAll(supplier = Geometries.class) Geometry geometry, @ForAll Fill fill) {
        try (Rig rig = Rig.of(geometry, fill)) { // compares
            rig.bitmap().close();
            rig.check();
        }
    }

    @Test
    @Verifies("ALLOC-6")
    void changesNoBitOfALargeBitmap() {
        for (Fill fill : Fill.values()) {
            try (Rig rig = Rig.of(Geometry.ofPages(0, (1 << 24) + 5, 4096), fill)) {
                rig.check();
            }
        }
    }

    @Test
    @Verifies("ALLOC-7")
    void takesABaseInsideAPage() {
        assertAll(
                () -> firstPageIs(Geometry.of(0x1800, 0x4000, 0x1000)),
                () -> firstPageIs(Geometry.of(1, 0x4000, 0x1000)),
                () -> firstPageIs(Geometry.of(0xfff, 0x2001, 0x1000)),
                () -> firstPageIs(Geometry.of(12345, 3L << 40, 1L << 40)),
                () -> firstPageIs(Geometry.of(1, -1, Geometry.MAX_PAGE_SIZE)));
    }

    private static void firstPageIs(Geometry geometry) {
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.iova(), geometry.pageSize());
        }
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(1), 1);
            rig.set(geometry.page(1) - 1, 1);
        }
    }
}
