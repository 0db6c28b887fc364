package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** One sequence of operations on every backend: the same answers, the same bytes, the same windows and ranges. */
class BackendsAgreeProperties {
    private static final List<String> BACKENDS = List.of("heap", "heap-concurrent", "ffm", "ffm-concurrent", "vfio");

    /** What is done to a bitmap: marks a range, strictly or clipped, in or out of a callback; may drain it afterwards. */
    record Operation(long iova, long length, boolean clipped, boolean inCallback, boolean drain) {
        String applyTo(IovaBitmap bitmap) {
            try {
                if (inCallback) {
                    bitmap.forEach(this, (b, iova, length, operation) -> operation.mark(b));
                } else {
                    mark(bitmap);
                }
                return "done";
            } catch (IndexOutOfBoundsException e) {
                return e.getMessage();
            }
        }

        private void mark(IovaBitmap bitmap) {
            if (clipped) {
                bitmap.setClipped(iova, length);
            } else {
                bitmap.set(iova, length);
            }
        }
    }

    record Case(IovaBitmapLayout layout, int wordOffset, List<Operation> operations) {}

    @Property
    void backendsAgree(@ForAll("cases") Case given) {
        List<Object> expected = outcome(BACKENDS.get(0), given);
        for (String other : BACKENDS.subList(1, BACKENDS.size())) {
            assertEquals(expected, outcome(other, given), other + " against " + BACKENDS.get(0));
        }
    }

    private static List<Object> outcome(String backend, Case given) {
        IovaBitmapProvider provider = IovaBitmapProvider.named(backend);
        IovaBitmapLayout layout = given.layout();
        List<Object> outcome = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = provider.allocateData(layout.byteSize(), 8L * given.wordOffset(), arena);
            try (IovaBitmap bitmap = provider.allocate(layout.iova(), layout.length(), layout.pageSize(), data)) {
                for (Operation operation : given.operations()) {
                    outcome.add(operation.applyTo(bitmap));
                    if (operation.drain()) {
                        DirtyPages.drain(layout, data, (iova, length) -> outcome.add(new IovaRange(iova, length)));
                    }
                }
                bitmap.forEach(outcome, (b, iova, length, seen) -> seen.add(new IovaRange(iova, length)));
            }
            outcome.add(DirtyPages.count(layout, data));
            DirtyPages.forEachRange(layout, data, (iova, length) -> outcome.add(new IovaRange(iova, length)));
            outcome.add(List.of(HexFormat.of().formatHex(data.toArray(ValueLayout.JAVA_BYTE))));
        }
        return outcome;
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<IovaBitmapLayout> layouts = Combinators.combine(
                        Arbitraries.integers().between(0, 63),
                        Arbitraries.longs().between(1, 4096),
                        Arbitraries.longs(),
                        Arbitraries.of(true, false))
                .as((shift, most, iova, atTop) -> {
                    long pages = shift > 52 ? Math.min(most, 1L << 64 - shift) : most;
                    long length = (pages << shift) - (pages > 1 ? 1 : 0);
                    boolean fits = iova == 0 || Long.compareUnsigned(length, -iova) <= 0;
                    return new IovaBitmapLayout(atTop || !fits ? -length : iova, length, 1L << shift);
                });
        return layouts.flatMap(layout -> Combinators.combine(
                        Arbitraries.integers().between(0, 511),
                        operations(layout).list().ofMaxSize(12))
                .as((offset, operations) -> new Case(layout, offset, operations)));
    }

    private static Arbitrary<Operation> operations(IovaBitmapLayout layout) {
        Arbitrary<Long> near = Combinators.combine(
                        Arbitraries.of(0L, layout.length(), layout.length() >>> 1),
                        Arbitraries.longs().between(-70, 70),
                        Arbitraries.longs().between(-2, 2))
                .as((at, pages, bytes) -> at + pages * layout.pageSize() + bytes);
        Arbitrary<Long> anywhere = Arbitraries.longs().between(0, layout.length() >>> 1);
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(
                        Arbitraries.oneOf(near, anywhere), Arbitraries.oneOf(near, anywhere), either, either, either)
                .as((offset, length, clipped, inCallback, drain) ->
                        new Operation(layout.iova() + offset, length, clipped, inCallback, drain));
    }
}
