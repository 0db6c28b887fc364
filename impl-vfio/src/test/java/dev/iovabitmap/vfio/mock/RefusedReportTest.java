package dev.iovabitmap.vfio.mock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Dirty;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusedReportTest {
    private final List<Integer> sizes = new ArrayList<>();
    private final RefusedReport kernel = new RefusedReport(new Syscalls() {
        @Override
        public int open(String path) {
            return 3;
        }

        @Override
        public boolean sameFile(int fd, int other) {
            return fd == other;
        }

        @Override
        public OpenFiles files() {
            return new OpenFiles(this);
        }

        @Override
        public Host host() {
            return new Host("", false);
        }

        @Override
        public int close(int fd) {
            return 0;
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
            sizes.add(struct.get(ValueLayout.JAVA_INT, 0));
            return 0;
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
            return 0;
        }
    });

    /** Makes a call of 48 bytes, after which its struct is as before. */
    private void call(Ioctl request, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(48, 8);
            struct.set(ValueLayout.JAVA_INT, 0, 48);
            struct.set(ValueLayout.JAVA_INT, 4, flags);
            kernel.ioctl(new CallMemory(arena), 3, request, struct, MemorySegment.NULL);
            assertEquals(48, struct.get(ValueLayout.JAVA_INT, 0));
        }
    }

    @Test
    void aReportOfEachTransportIsRefusedOnce() {
        int report = Header.GET | Header.DMA_LOGGING_REPORT;
        for (int round = 0; round < 3; round++) {
            kernel.arm();
            switch (round) {
                case 0 -> call(Ioctl.VFIO_DEVICE_FEATURE, report);
                case 1 -> call(Ioctl.VFIO_IOMMU_DIRTY_PAGES, Dirty.GET_BITMAP);
                default -> call(Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP, 0);
            }
            call(Ioctl.VFIO_DEVICE_FEATURE, report);
        }
        assertEquals(List.of(0, 48, 0, 48, 0, 48), sizes);
    }

    @Test
    void otherCallsAreLeftAlone() {
        kernel.arm();
        call(Ioctl.VFIO_DEVICE_FEATURE, Header.GET | Header.DMA_LOGGING_REPORT | Header.PROBE);
        call(Ioctl.VFIO_DEVICE_FEATURE, Header.SET | Header.DMA_LOGGING_STOP);
        call(Ioctl.VFIO_IOMMU_DIRTY_PAGES, Dirty.STOP);
        call(Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, 1);
        assertEquals(List.of(48, 48, 48, 48), sizes);
        call(Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP, 1);
        assertEquals(0, sizes.get(4));
    }
}
