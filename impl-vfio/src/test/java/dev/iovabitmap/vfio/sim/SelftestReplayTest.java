package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the kernel's own selftest of IOMMUFD's dirty tracking does: pages of 2048 bytes, huge ones of 1 MiB. */
class SelftestReplayTest {
    private static final long IOVA = 0x1000000;
    private static final int PAGE = 2048;
    private static final int HUGE = 512 * PAGE;

    static Stream<Arguments> variants() {
        return Stream.of(8, 16, 64, 128, 320, 64 << 10, 128 << 10)
                .flatMap(kib -> Stream.of(PAGE, HUGE)
                        .filter(entry -> entry == PAGE || kib >= 1 << 10)
                        .flatMap(entry -> Stream.of(0, 2048, 0xff1)
                                .flatMap(offset -> Stream.of(true, false)
                                        .map(clear -> Arguments.of((int) kib << 10, entry, offset, clear)))));
    }

    @ParameterizedTest(name = "{0} bytes, entries of {1}, bitmap at page offset {2}, clearing {3}")
    @MethodSource("variants")
    void shouldPass(int length, int entry, int offset, boolean clear) {
        SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_12)
                .pageSizes(PAGE | HUGE)
                .aperture(IOVA, 0x7fffffff)
                .build();
        kernel.misbehave(Misbehaviour.HUGE_ENTRIES, entry == HUGE);
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            int id = c.bind(device, iommufd);
            int ioas = c.ioas(iommufd);
            int hwpt = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            assertEquals(hwpt, c.attach(device, hwpt));
            assertEquals(0, c.ioasMap(iommufd, ioas, IOVA, c.pages(length / 4096)));
            assertEquals(0, c.setTracking(iommufd, hwpt, 1));
            int bits = length / PAGE;
            int inEntry = entry / PAGE;
            BitSet expected = new BitSet();
            for (int bit = 0; bit < bits; bit += 2 * inEntry) {
                kernel.deviceWrites(0, IOVA + (long) bit * PAGE, 1);
                expected.set(bit, bit + inEntry);
            }
            MemorySegment bitmap = c.pages(bits / 8 / 4096 + 2).asSlice(offset);
            int flags = clear ? 0 : Iommufd.GetDirtyBitmap.NO_CLEAR;
            assertEquals(0, c.getDirty(iommufd, hwpt, flags, IOVA, length, PAGE, bitmap));
            assertEquals(expected, Caller.bits(bitmap));
            bitmap.fill((byte) 0);
            assertEquals(0, c.getDirty(iommufd, hwpt, flags, IOVA, length, PAGE, bitmap));
            assertEquals(clear ? new BitSet() : expected, Caller.bits(bitmap));
        }
    }
}
