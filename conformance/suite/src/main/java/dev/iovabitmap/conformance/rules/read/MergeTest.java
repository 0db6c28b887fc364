package dev.iovabitmap.conformance.rules.read;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometries;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.Geometry.Bits;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Merging bitmaps of the same layout and of others. */
@AddLifecycleHook(Seeded.class)
public class MergeTest {
    private static final BigInteger TOP = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    @Property(tries = 200)
    @Verifies("READ-3")
    void theSameLayoutGivesTheUnion(
            @ForAll(supplier = Geometries.class) Geometry geometry,
            @ForAll Kind fromKind,
            @ForAll Kind intoKind,
            @ForAll long pattern) {
        merges(geometry, fromKind, pattern, geometry, intoKind, Long.reverse(pattern) ^ 0xf0f0L);
    }

    @ParameterizedTest
    @EnumSource
    @Verifies("READ-3")
    void straysAreNotMerged(Kind kind) {
        for (int bits = 1; bits < 132; bits++) {
            Geometry geometry = Geometry.ofPages(0, bits, 4096);
            merges(geometry, kind, 0, geometry, kind, 0);
            merges(geometry, kind, -1, geometry, Kind.NATIVE, 0);
            merges(geometry, kind, 0, Geometry.ofPages(0, bits, 8192), kind, 0);
        }
    }

    /** So long that an implementation may take the words by pieces, which end before the bitmap does. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-3")
    void longBitmapsOfTheSameLayout(Kind kind) {
        for (int words : new int[] {513, 1300}) {
            Geometry geometry = Geometry.ofPages(0x10000, words * 64L, 4096);
            merges(geometry, kind, 0x8000_0000_0000_0001L, geometry, Kind.NATIVE, 0x1_0000);
            merges(geometry, Kind.NATIVE, -1, geometry, kind, 0);
            merges(geometry, Kind.LONG_ARRAY, 0x5555_0000_ffff_0001L, geometry, kind, 0x8000_0000_0000_1000L);
        }
    }

    /** Dirty runs of so many words, which an implementation may fill in one way when they are few and in another when many. */
    @ParameterizedTest
    @EnumSource
    @Verifies("READ-3")
    void runsOfWholeWords(Kind kind) {
        for (int words : new int[] {1, 2, 3, 4, 5, 8, 9, 63, 64, 65, 66, 67, 130}) {
            Geometry from = Geometry.ofPages(0x100000, words, 64 * 4096);
            Geometry into = Geometry.ofPages(0x100000 - 4096, words * 64L + 2, 4096);
            merges(from, Kind.NATIVE, -1, into, kind, 0);
        }
    }

    /** Both in the same piece of the space, with page sizes and bases of their own. */
    @Property(tries = 400)
    @Verifies("READ-3")
    void anotherLayoutGetsEveryPageThatADirtyByteTouches(
            @ForAll(supplier = Geometries.class) Geometry from,
            @ForAll @IntRange(min = -8, max = 8) int shiftBy,
            @ForAll @IntRange(min = 1, max = 300) int bits,
            @ForAll @IntRange(min = -70, max = 320) int startPage,
            @ForAll @IntRange(min = -3, max = 3) int startByte,
            @ForAll Kind kind,
            @ForAll Kind intoKind,
            @ForAll long pattern) {
        Geometry into = near(from, shiftBy, bits, startPage, startByte);
        merges(from, kind, pattern, into, intoKind, 0);
    }

    private static Geometry near(Geometry from, int shiftBy, int bits, int startPage, int startByte) {
        int shift = Math.clamp(from.layout().pageShift() + shiftBy, 0, 63);
        BigInteger start = from.base()
                .add(U64.toBigInteger(from.pageSize()).multiply(BigInteger.valueOf(startPage)))
                .add(BigInteger.valueOf(startByte))
                .max(BigInteger.ZERO)
                .min(TOP);
        BigInteger length = BigInteger.valueOf(bits)
                .shiftLeft(shift)
                .min(TOP.subtract(start).add(BigInteger.ONE))
                .min(TOP);
        return Geometry.of(U64.fromBigInteger(start), U64.fromBigInteger(length), 1L << shift);
    }

    @Test
    @Verifies("READ-3")
    void finerAndCoarserPages() {
        Geometry fine = Geometry.ofPages(0x10000, 512, 4096);
        Geometry coarse = Geometry.ofPages(0x10000, 32, 65536);
        Geometry shifted = Geometry.ofPages(0x10800, 400, 4096);
        Geometry inside = Geometry.ofPages(0x20000, 10, 2048);
        Geometry around = Geometry.ofPages(0, 100, 65536);
        Geometry elsewhere = Geometry.ofPages(0x10000000, 100, 4096);
        Geometry top = Geometry.of(-0x21000, 0x21000, 4096);
        Geometry topCoarse = Geometry.of(-0x20000, 0x20000, 65536);
        Geometry everything = Geometry.of(0, -1, 1L << 60);
        Geometry[] all = {fine, coarse, shifted, inside, around, elsewhere, top, topCoarse, everything};
        for (Geometry from : all) {
            for (Geometry into : all) {
                for (long pattern : new long[] {1, -1, 0x8000000000000000L, 0x1000100010001L, 0x7fff800000000000L}) {
                    merges(from, Kind.NATIVE, pattern, into, Kind.LONG_ARRAY, 0);
                }
            }
        }
    }

    private static void merges(
            Geometry from, Kind fromKind, long fromPattern, Geometry into, Kind intoKind, long intoPattern) {
        merges(from, fromKind, fromPattern, into, intoKind, intoPattern, false);
        merges(from, fromKind, fromPattern, into, intoKind, intoPattern, true);
    }

    /** The strays of the source are the inverse of the target's, so that one that is merged is seen. */
    private static void merges(
            Geometry from,
            Kind fromKind,
            long fromPattern,
            Geometry into,
            Kind intoKind,
            long intoPattern,
            boolean readOnly) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData source = fromKind.allocate(from, Fill.DIRTY_INVERSE, arena);
            GuardedData target = intoKind.allocate(into, Fill.CLEAN, arena);
            Dirt.plant(from, source, fromPattern);
            Dirt.plant(into, target, intoPattern);
            for (IovaRange range : Dirt.ranges(from, source)) {
                Bits bits = into.bitsOf(range.iova(), range.length());
                if (bits != null) {
                    target.setBits(bits.first(), bits.last());
                }
            }
            MemorySegment sourceData = readOnly ? source.data().asReadOnly() : source.data();
            Library.current().merge(from.layout(), sourceData, into.layout(), target.data());
            String inputs = "from: " + from + ", " + fromKind + (readOnly ? ", read-only" : "") + ", pattern "
                    + U64.show(fromPattern) + "\ninto: " + into + ", " + intoKind + ", pattern "
                    + U64.show(intoPattern);
            target.check(inputs + "\ndata of the target:");
            source.check(inputs + "\ndata of the source:");
        }
    }
}
