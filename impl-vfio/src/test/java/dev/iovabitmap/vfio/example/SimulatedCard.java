package dev.iovabitmap.vfio.example;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Map;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The driver of a card that a simulated kernel has; it makes the calls that a vendor's driver makes. */
final class SimulatedCard implements CardDriver {
    private static final int TYPE1_V2 = 3;
    private static final List<IovaRange> MAPPED =
            List.of(new IovaRange(1 << 24, 64 << 20), new IovaRange(1L << 30, 1 << 20));

    private final Arena arena = Arena.ofShared();
    private final SimulatedKernel kernel;
    private final Descriptor container;
    private final Descriptor group;
    private final Descriptor card;

    SimulatedCard(SimulatedKernel kernel) {
        this.kernel = kernel;
        Syscalls syscalls = kernel.syscalls();
        Caller caller = new Caller(syscalls, arena);
        container = Descriptor.open(syscalls, "/dev/vfio/vfio");
        group = Descriptor.open(syscalls, "/dev/vfio/0");
        MemorySegment number = caller.struct(Integer.BYTES);
        number.set(ValueLayout.JAVA_INT, 0, container.number());
        caller.call(group, Ioctl.VFIO_GROUP_SET_CONTAINER, number, "container");
        caller.call(container, Ioctl.VFIO_SET_IOMMU, TYPE1_V2);
        for (IovaRange range : MAPPED) {
            MemorySegment map = caller.struct(Map.LAYOUT.byteSize());
            Map.ARGSZ.set(map, map.byteSize());
            Map.FLAGS.set(map, Map.READ | Map.WRITE);
            MemorySegment memory = untouched(range.length());
            Map.VADDR.set(map, memory.address());
            Map.IOVA.set(map, range.iova());
            Map.SIZE.set(map, range.length());
            caller.call(container, Ioctl.VFIO_IOMMU_MAP_DMA, map, memory, "MAP_DMA", range.toString());
        }
        MemorySegment name = arena.allocateFrom(kernel.deviceName(0));
        card = Descriptor.own(
                syscalls, "card", caller.call(group, Ioctl.VFIO_GROUP_GET_DEVICE_FD, name, kernel.deviceName(0)));
    }

    /** Memory at an address that nobody dereferences: the simulated card writes no bytes. */
    @SuppressWarnings("restricted")
    private static MemorySegment untouched(long size) {
        return MemorySegment.ofAddress(1L << 46).reinterpret(size);
    }

    @Override
    public int container() {
        return container.number();
    }

    @Override
    public int card() {
        return card.number();
    }

    @Override
    public List<IovaRange> mappings() {
        return MAPPED;
    }

    @Override
    public void dma(long iova, long length) {
        kernel.deviceWrites(0, iova, length);
    }

    @Override
    public boolean failNextReport() {
        kernel.fail(new CallFailure(
                call -> call.endsWith("DMA_LOGGING_REPORT") || call.endsWith("GET_BITMAP"), 0, 1, Errno.EIO, true));
        return true;
    }

    @Override
    public void close() {
        try (arena;
                container;
                group) {
            card.close();
        }
    }
}
