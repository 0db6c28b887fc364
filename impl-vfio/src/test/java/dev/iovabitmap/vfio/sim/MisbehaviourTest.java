package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import dev.iovabitmap.vfio.uapi.Type1;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each misbehaviour, on and off. */
class MisbehaviourTest {
    private static final long M2 = 2L << 20;
    private static final long G1 = 1L << 30;

    private static BitSet bits(int... runs) {
        BitSet bits = new BitSet();
        for (int i = 0; i < runs.length; i += 2) {
            bits.set(runs[i], runs[i] + runs[i + 1]);
        }
        return bits;
    }

    /** Does something with a device that was got from its group. */
    private static void withDevice(SimulatedKernel.Builder builder, BiConsumer<Caller, Integer> action) {
        SimulatedKernel kernel = builder.build();
        try (Caller c = new Caller(kernel)) {
            int container = c.open("/dev/vfio/vfio");
            int group = c.open("/dev/vfio/0");
            c.setContainer(group, container);
            c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2);
            action.accept(c, c.deviceFd(group, kernel.deviceName(0)));
        }
    }

    private static SimulatedKernel.Builder v12(Misbehaviour... misbehaviours) {
        return SimulatedKernel.builder(KernelVersion.V6_12).misbehaving(misbehaviours);
    }

    private static BitSet report(Caller c, int device, long iova, long length) {
        MemorySegment bitmap = c.pages(4);
        assertEquals(0, c.report(device, iova, length, 4096, bitmap));
        return Caller.bits(bitmap);
    }

    @Test
    void shouldGrantALargerPageSize() {
        withDevice(v12(), (c, d) -> assertEquals(4096, c.startGranting(d, 4096, 0, G1)));
        withDevice(v12(), (c, d) -> assertEquals(8192, c.startGranting(d, 8192, 0, G1)));
        withDevice(v12(Misbehaviour.GRANULE_64K), (c, d) -> {
            assertEquals(64 << 10, c.startGranting(d, 4096, 0, G1));
            c.kernel.deviceWrites(0, 0x11000, 1);
            assertEquals(bits(16, 16), report(c, d, 0, 1 << 20));
        });
        withDevice(v12(Misbehaviour.GRANULE_2M), (c, d) -> {
            assertEquals(M2, c.startGranting(d, 4096, 0, G1));
            c.kernel.deviceWrites(0, M2, 1);
            assertEquals(bits(512, 512), report(c, d, 0, 4 * M2));
        });
    }

    @Test
    void shouldClearAWholeGranule() {
        withDevice(v12(Misbehaviour.GRANULE_64K), (c, d) -> {
            c.start(d, 4096, 0, G1);
            c.kernel.deviceWrites(0, 0x10000, 1);
            assertEquals(bits(0, 8), report(c, d, 0x10000, 0x8000));
            assertEquals(bits(0, 8), report(c, d, 0x18000, 0x8000));
        });
        withDevice(v12(Misbehaviour.GRANULE_64K, Misbehaviour.WHOLE_GRANULE_CLEARED), (c, d) -> {
            c.start(d, 4096, 0, G1);
            c.kernel.deviceWrites(0, 0x10000, 1);
            assertEquals(bits(0, 8), report(c, d, 0x10000, 0x8000));
            assertEquals(bits(), report(c, d, 0x18000, 0x8000));
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldDropAGranuleThatStartsBelow(KernelVersion version) {
        SimulatedKernel.Builder builder = SimulatedKernel.builder(version)
                .misbehaving(Misbehaviour.GRANULE_64K, Misbehaviour.GRANULE_BELOW_REPORT_DROPPED);
        withDevice(builder, (c, d) -> {
            c.start(d, 4096, 0, G1);
            c.kernel.deviceWrites(0, 0x10000, 0x20000);
            assertEquals(bits(8, 16), report(c, d, 0x18000, 0x18000));
            assertEquals(bits(), report(c, d, 0, 0x30000));
            c.kernel.deviceWrites(0, 0x10000, 0x20000);
            assertEquals(bits(16, 32), report(c, d, 0, 0x30000));
        });
    }

    @Test
    void shouldAcknowledgeByTheSixtyFourPages() {
        withDevice(v12(Misbehaviour.ACKNOWLEDGES_64_PAGES).behaving(Misbehaviour.STRAY_BITS), (c, d) -> {
            c.start(d, 4096, 0, 64 * 4096 * 4, G1, 1 << 20);
            c.kernel.deviceWrites(0, 0x5000, 4 * 4096);
            c.kernel.deviceWrites(0, 63 * 4096, 2 * 4096);
            assertEquals(bits(3, 1), report(c, d, 0x5000, 55 * 4096), "5 to 7 are passed over");
            assertEquals(bits(5, 3, 64 + 8, 0), report(c, d, 0, 64 * 4096), "63 went with the last report");
            c.kernel.deviceWrites(0, 62 * 4096, 4096);
            assertEquals(bits(), report(c, d, 0, 56 * 4096));
            assertEquals(bits(), report(c, d, 0, 64 * 4096), "62 was acknowledged unseen");
            MemorySegment bitmap = c.pages(8);
            assertEquals(-Errno.EINVAL, c.report(d, 64 * 4096 * 3, 64 * 4096 * 2, 4096, bitmap), "over the end");
            assertEquals(-Errno.EINVAL, c.report(d, G1 - 4096, 4096, 4096, bitmap));
            assertEquals(0, c.report(d, G1, 1 << 20, 4096, bitmap));
        });
    }

    @Test
    void shouldAcknowledgeLessThanSixtyFourPagesFromTheTop() {
        withDevice(v12(Misbehaviour.ACKNOWLEDGES_64_PAGES).behaving(Misbehaviour.STRAY_BITS), (c, d) -> {
            c.start(d, 4096, -9 * 4096, 4 * 4096);
            c.kernel.deviceWrites(0, -8 * 4096, 1);
            assertEquals(bits(1, 1), report(c, d, -9 * 4096, 4 * 4096));
            assertEquals(bits(), report(c, d, -9 * 4096, 4 * 4096));
        });
    }

    @Test
    void shouldRefuseOrCombineRanges() {
        long[] five = {0, 4096, 1 << 20, 4096, 2 << 20, 4096, 3 << 20, 4096, 4 << 20, 4096};
        withDevice(v12(), (c, d) -> assertEquals(0, c.start(d, 4096, five)));
        withDevice(v12(Misbehaviour.FEW_RANGES), (c, d) -> assertEquals(-Errno.E2BIG, c.start(d, 4096, five)));
        withDevice(v12(Misbehaviour.COMBINES_RANGES), (c, d) -> {
            assertEquals(0, c.start(d, 4096, five));
            c.kernel.deviceWrites(0, 8192, 1);
            assertEquals(bits(2, 1), report(c, d, 0, 1 << 20));
        });
        withDevice(v12(Misbehaviour.SMALL_RANGES_REFUSED), (c, d) -> {
            assertEquals(-Errno.EOPNOTSUPP, c.start(d, 4096, 0, M2 - 4096));
            assertEquals(0, c.start(d, 4096, 0, M2));
        });
    }

    /** Each alone loses nothing here; together, reports by the ranges that were asked for lose all of the second. */
    @Test
    void shouldLoseWhatIsBetweenRangesThatAreCombined() {
        long[] three = {0, 16 * 4096, 40 * 4096, 16 * 4096, 112 * 4096, 16 * 4096};
        for (boolean together : new boolean[] {true, false}) {
            withDevice(v12(Misbehaviour.ACKNOWLEDGES_64_PAGES).behaving(Misbehaviour.STRAY_BITS), (c, d) -> {
                c.kernel.misbehave(Misbehaviour.COMBINES_RANGES, together);
                assertEquals(0, c.start(d, 4096, three));
                c.kernel.deviceWrites(0, 40 * 4096, 16 * 4096);
                assertEquals(bits(), report(c, d, 0, 16 * 4096));
                assertEquals(together ? bits() : bits(0, 16), report(c, d, 40 * 4096, 16 * 4096));
            });
        }
        withDevice(v12(Misbehaviour.pds().toArray(Misbehaviour[]::new)), (c, d) -> {
            assertEquals(0, c.start(d, 4096, 0, 64 * 4096, 1 << 20, 64 * 4096));
            c.kernel.deviceWrites(0, 1 << 20, 4096);
            assertEquals(bits(), report(c, d, 0, 64 * 4096));
            assertEquals(bits(0, 1), report(c, d, 1 << 20, 64 * 4096), "whole groups lose nothing");
        });
    }

    @Test
    void shouldDoAllThatMlx5Does() {
        withDevice(v12(Misbehaviour.mlx5().toArray(Misbehaviour[]::new)), (c, d) -> {
            assertEquals(-Errno.EOPNOTSUPP, c.start(d, 4096, 0, 64 << 10, 1 << 20, 64 << 10));
            assertEquals(64 << 10, c.startGranting(d, 4096, 0, 64 << 10, 1 << 20, 64 << 10, 2 << 20, 64 << 10));
            c.kernel.deviceWrites(0, 0x12345, 1);
            assertEquals(bits(), report(c, d, 0x18000, 0x8000), "the granule starts below the report");
            assertEquals(bits(), report(c, d, 0x10000, 0x10000), "and is gone");
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailAfterHalfAReport(KernelVersion version) {
        withDevice(SimulatedKernel.builder(version).misbehaving(Misbehaviour.EIO_AFTER_HALF), (c, d) -> {
            c.start(d, 4096, 0, G1);
            c.kernel.deviceWrites(0, 0, 64 * 4096);
            MemorySegment bitmap = c.pages(1);
            assertEquals(-Errno.EIO, c.report(d, 0, 64 * 4096, 4096, bitmap));
            assertEquals(bits(0, 32), Caller.bits(bitmap));
            c.kernel.misbehave(Misbehaviour.EIO_AFTER_HALF, false);
            assertEquals(bits(32, 32), report(c, d, 0, 64 * 4096), "the half that was delivered is clean");
        });
    }

    @Test
    void shouldLoseBitsWithoutAWord() {
        for (KernelVersion version : KernelVersion.values()) {
            withDevice(SimulatedKernel.builder(version), (c, d) -> {
                c.start(d, 4096, 0, G1);
                c.kernel.deviceWrites(0, 0x1000, 1);
                MemorySegment bitmap = c.pages(1);
                int result = c.call(d, Ioctl.VFIO_DEVICE_FEATURE, c.reportStruct(0, 1 << 20, 4096, 0x10), bitmap);
                assertEquals(version == KernelVersion.V6_1 ? -Errno.EFAULT : 0, result);
                BitSet kept = version == KernelVersion.V6_1 ? bits(1, 1) : bits();
                assertEquals(kept, report(c, d, 0, 1 << 20));
            });
        }
        withDevice(v12().behaving(Misbehaviour.PIN_FAILURE_IS_SILENT), (c, d) -> {
            c.start(d, 4096, 0, G1);
            c.kernel.deviceWrites(0, 0x1000, 1);
            MemorySegment struct = c.reportStruct(0, 1 << 20, 4096, 0x10);
            assertEquals(-Errno.EFAULT, c.call(d, Ioctl.VFIO_DEVICE_FEATURE, struct));
            assertEquals(bits(1, 1), report(c, d, 0, 1 << 20));
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldStrayPastTheEnd(KernelVersion version) {
        for (boolean on : new boolean[] {true, false}) {
            withDevice(SimulatedKernel.builder(version).misbehaving(Misbehaviour.GRANULE_2M), (c, d) -> {
                c.kernel.misbehave(Misbehaviour.STRAY_BITS, on);
                c.kernel.misbehave(Misbehaviour.GRANULE_BELOW_REPORT_DROPPED, true);
                c.start(d, 4096, 0, G1);
                c.kernel.deviceWrites(0, 0, 1);
                assertEquals(bits(0, on ? 512 : 10), report(c, d, 0, 10 * 4096));
                c.kernel.deviceWrites(0, 0, 1);
                MemorySegment tight = c.pages(1).asSlice(0, 8);
                assertEquals(0, c.report(d, 0, 10 * 4096, 4096, tight));
                assertEquals(bits(0, on ? 64 : 10), Caller.bits(tight), "never outside of what was handed over");
            });
        }
    }

    /** A container with two mappings whose distance is no multiple of 64 pages. */
    @ParameterizedTest
    @EnumSource
    void shouldStayShiftedAfterEfault(KernelVersion version) {
        for (boolean on : new boolean[] {true, false}) {
            SimulatedKernel kernel =
                    SimulatedKernel.builder(version).emulatedIommu(0).build();
            kernel.misbehave(Misbehaviour.TYPE1_STAYS_SHIFTED, on);
            try (Caller c = new Caller(kernel)) {
                int container = c.open("/dev/vfio/vfio");
                int group = c.open("/dev/vfio/0");
                c.setContainer(group, container);
                c.call(container, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2);
                c.deviceFd(group, kernel.deviceName(0));
                assertEquals(0, c.map(container, 3 * 4096, c.pages(64)));
                assertEquals(0, c.dirty(container, Type1.Dirty.START));
                kernel.deviceWrites(0, 8 * 4096, 1);
                MemorySegment bitmap = c.pages(1);
                MemorySegment get = c.dirtyGetStruct(0, 67 * 4096, 4096, 16, 0x10);
                assertEquals(-Errno.EFAULT, c.call(container, Ioctl.VFIO_IOMMU_DIRTY_PAGES, get, bitmap));
                assertEquals(0, c.dirtyGet(container, 3 * 4096, 64 * 4096, bitmap));
                assertEquals(on ? bits(8, 1) : bits(5, 1), Caller.bits(bitmap));
            }
        }
    }

    @Test
    void shouldKeepTheBitsBeforeAMappingAndOverwriteTheOthers() {
        withDevice(v12().emulatedIommu(0), (c, d) -> {
            int container = 1 << 20;
            assertEquals(0, c.map(container, 3 * 4096, c.pages(64)));
            assertEquals(0, c.dirty(container, Type1.Dirty.START));
            MemorySegment bitmap = c.pages(1).fill((byte) 0xff);
            assertEquals(0, c.dirtyGet(container, 0, 67 * 4096, bitmap));
            assertEquals(bits(0, 3, 128, 4096 * 8 - 128), Caller.bits(bitmap));
        });
    }

    /** A page table over one mapping that starts at 0, with tracking. */
    private static void withTable(SimulatedKernel.Builder builder, long size, BiConsumer<Caller, int[]> action) {
        SimulatedKernel kernel = builder.build();
        try (Caller c = new Caller(kernel)) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            int id = c.bind(device, iommufd);
            int ioas = c.ioas(iommufd);
            int hwpt = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            c.attach(device, hwpt);
            assertEquals(0, c.ioasMap(iommufd, ioas, 0, c.pages(size / 4096)));
            assertEquals(0, c.setTracking(iommufd, hwpt, 1));
            action.accept(c, new int[] {iommufd, hwpt, ioas});
        }
    }

    private static BitSet get(Caller c, int[] fds, long iova, long length) {
        MemorySegment bitmap = c.pages(4);
        assertEquals(0, c.getDirty(fds[0], fds[1], 0, iova, length, 4096, bitmap));
        return Caller.bits(bitmap);
    }

    @Test
    void shouldClearHugeEntriesWhole() {
        withTable(v12(), 2 * M2, (c, t) -> {
            c.kernel.deviceWrites(0, 4096, 1);
            assertEquals(bits(1, 1), get(c, t, 0, 2 * M2));
        });
        withTable(v12(Misbehaviour.HUGE_ENTRIES), 2 * M2 + 8192, (c, t) -> {
            c.kernel.deviceWrites(0, 4096, 1);
            c.kernel.deviceWrites(0, 2 * M2, 1);
            assertEquals(bits(0, 512, 1024, 1), get(c, t, 0, 2 * M2 + 8192), "what is left over has small entries");
            c.kernel.deviceWrites(0, 4096, 1);
            assertEquals(512, get(c, t, 0, M2 / 2).get(0, 512).cardinality(), "strays to the end of the entry");
            assertEquals(bits(), get(c, t, 0, M2), "cleared whole by a report of a half");
        });
    }

    @Test
    void shouldSkipFromInsideAHugeEntry() {
        for (boolean on : new boolean[] {true, false}) {
            withTable(v12(Misbehaviour.HUGE_ENTRIES).behaving(Misbehaviour.STRAY_BITS), 8 * M2, (c, t) -> {
                c.kernel.misbehave(Misbehaviour.WALK_SKIPS, on);
                // The last entry is entered only by a walk that stands where entries start.
                c.kernel.deviceWrites(0, 2 * M2, 1);
                assertEquals(on ? bits() : bits(256, 256), get(c, t, M2 + M2 / 2, M2), "from the middle of the second");
            });
        }
    }

    /** 16 KiB at 16 KiB: four items of 4 KiB, of which the last is lost. 4 MiB: two of 2 MiB. 2 MiB is one item. */
    @Test
    void shouldLoseTheLastItemOfAContiguousEntry() {
        SimulatedKernel.Builder amd =
                SimulatedKernel.builder(KernelVersion.V6_19).amdIommu(0);
        withTable(amd, 16 << 10, (c, t) -> {
            c.kernel.deviceWrites(0, 0x3000, 1);
            assertEquals(bits(0, 3), get(c, t, 0, 16 << 10));
            assertEquals(bits(), get(c, t, 0, 16 << 10), "cleared with the rest");
        });
        withTable(amd, 2 * M2, (c, t) -> {
            c.kernel.deviceWrites(0, M2, 1);
            assertEquals(bits(0, 512), get(c, t, 0, 2 * M2));
        });
        withTable(amd, M2, (c, t) -> {
            c.kernel.deviceWrites(0, M2 - 1, 1);
            assertEquals(bits(0, 512), get(c, t, 0, M2));
        });
        withTable(amd, 16 << 10, (c, t) -> {
            c.kernel.misbehave(Misbehaviour.LAST_ITEM_LOST, false);
            c.kernel.deviceWrites(0, 0x3000, 1);
            assertEquals(bits(0, 4), get(c, t, 0, 16 << 10));
        });
        withTable(
                SimulatedKernel.builder(KernelVersion.V6_19).misbehaving(Misbehaviour.HUGE_ENTRIES), 2 * M2, (c, t) -> {
                    c.kernel.deviceWrites(0, M2, 1);
                    assertEquals(bits(512, 512), get(c, t, 0, 2 * M2), "another IOMMU has no such entries");
                });
    }

    @Test
    void shouldHaveSmallEntriesWhereTheOptionSaysSo() {
        try (Caller c = new Caller(
                SimulatedKernel.builder(KernelVersion.V6_19).amdIommu(0).build())) {
            int iommufd = c.open("/dev/iommu");
            int device = c.open("/dev/vfio/devices/vfio0");
            int id = c.bind(device, iommufd);
            int ioas = c.ioas(iommufd);
            assertEquals(0, c.hugePages(iommufd, ioas, 0));
            int hwpt = c.hwpt(iommufd, id, ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
            c.attach(device, hwpt);
            assertEquals(0, c.ioasMap(iommufd, ioas, 0, c.pages(4)));
            assertEquals(0, c.setTracking(iommufd, hwpt, 1));
            c.kernel.deviceWrites(0, 0x3000, 1);
            assertEquals(bits(3, 1), get(c, new int[] {iommufd, hwpt, ioas}, 0, 16 << 10));
        }
    }

    @Test
    void shouldHideWhatIsBehindAHole() {
        for (boolean on : new boolean[] {true, false}) {
            withTable(v12(), 4 * 4096, (c, t) -> {
                c.kernel.misbehave(Misbehaviour.HOLE_HIDES_THE_REST, on);
                assertEquals(0, c.ioasMap(t[0], t[2], 4 * 4096, c.pages(4)));
                assertEquals(0, c.ioasMap(t[0], t[2], 9 * 4096, c.pages(4)));
                c.kernel.deviceWrites(0, 0, 16 * 4096);
                MemorySegment bitmap = c.pages(1);
                int result = c.getDirty(t[0], t[1], 0, 0, 13 * 4096, 4096, bitmap);
                assertEquals(on ? 0 : -Errno.EINVAL, result);
                assertEquals(bits(0, 8), Caller.bits(bitmap));
                assertEquals(bits(0, 4), get(c, t, 9 * 4096, 4 * 4096), "and it is still there");
            });
        }
    }

    @Test
    void shouldWipeOnEnabling() {
        for (boolean on : new boolean[] {true, false}) {
            withTable(v12(), M2, (c, t) -> {
                c.kernel.misbehave(Misbehaviour.ENABLE_WIPES, on);
                c.kernel.deviceWrites(0, 0, 1);
                assertEquals(0, c.setTracking(t[0], t[1], 1));
                assertEquals(on ? bits() : bits(0, 1), get(c, t, 0, M2));
                c.kernel.deviceWrites(0, 0, 1);
                assertEquals(0, c.setTracking(t[0], t[1], 0));
                assertEquals(0, c.setTracking(t[0], t[1], 1));
                assertEquals(bits(), get(c, t, 0, M2), "tracking starts clean");
            });
        }
    }

    @Test
    void shouldTakeLengthZeroForEverything() {
        withTable(v12(Misbehaviour.LENGTH_0_IS_EVERYTHING), M2, (c, t) -> {
            c.kernel.deviceWrites(0, 4096, 1);
            MemorySegment bitmap = c.pages(2);
            assertEquals(-Errno.EOVERFLOW, c.getDirty(t[0], t[1], 0, 4096, 0, 4096, bitmap));
            assertEquals(0, c.getDirty(t[0], t[1], 0, 0, 0, 4096, bitmap));
            assertEquals(bits(1, 1), Caller.bits(bitmap));
        });
    }
}
