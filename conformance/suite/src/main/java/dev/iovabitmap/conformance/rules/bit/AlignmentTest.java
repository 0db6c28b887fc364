package dev.iovabitmap.conformance.rules.bit;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Lacks;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that is not 8-byte aligned: works, or is refused. */
public class AlignmentTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 2049, 3845, 4081, 4089, 4090, 4091, 4092, 4093, 4094, 4095})
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("BIT-3")
    void everyAlignmentWorks(int offset) {
        Geometry geometry = Geometry.ofPages(0x1000000, 160, 0x800).at(offset);
        for (Fill fill : Fill.values()) {
            try (Rig rig = Rig.of(geometry, fill)) {
                for (int bit = 0; bit < 160; bit += 7) {
                    rig.set(geometry.page(bit), 1);
                }
                rig.checkWindows();
                rig.set(geometry.page(3), geometry.pages(2));
                rig.set(geometry.page(60), geometry.pages(9));
                rig.set(geometry.page(20), geometry.pages(130));
                rig.set(geometry.iova(), geometry.length());
            }
        }
    }

    /** Across the pages of the data, where the kernel once wrote behind the mapped page. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 3841, 4081, 4095})
    @Needs(Feature.UNALIGNED_DATA)
    @Verifies("BIT-3")
    void unalignedDataMayCrossPages(int offset) {
        Geometry geometry = Geometry.ofPages(0, 65536, 4096).at(offset);
        int edge = 8 * (4096 - offset);
        try (Rig rig = Rig.of(geometry)) {
            rig.set(geometry.page(edge), 4096);
            rig.set(geometry.page(edge - 1), 8192);
            rig.set(geometry.page(edge + 32768 - 5), geometry.pages(10));
            rig.set(geometry.iova(), geometry.length());
        }
    }

    @Test
    @Lacks(Feature.UNALIGNED_DATA)
    @Verifies("BIT-3")
    void unalignedDataIsRefused() {
        Geometry geometry = Geometry.ofPages(0x1000000, 64, 4096);
        for (int offset = 1; offset < 8; offset++) {
            try (Arena arena = Arena.ofConfined()) {
                GuardedData guarded = Rig.allocate(geometry, geometry.byteSize() + 8L, Fill.DIRTY, arena);
                MemorySegment data = guarded.data().asSlice(offset, geometry.byteSize());
                String inputs = "bitmap: " + geometry + "\ndata sliced by " + offset + " bytes";
                try {
                    Subject.provider().allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data);
                } catch (IllegalArgumentException refused) {
                    guarded.check(inputs);
                    continue;
                } catch (RuntimeException other) {
                    throw new AssertionError(inputs + " gave " + other + ", not IllegalArgumentException", other);
                }
                throw new AssertionError("without UNALIGNED_DATA, unaligned data was not refused\n" + inputs);
            }
        }
    }
}
