import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** Dirty tracking by the type1 container, of what the mock device pins and writes. */
final class Type1Test {
    private static final long PAGE = Smoke.PAGE;
    private static final long IOVA = 1L << 20;

    private Type1Test() {}

    record Container(int fd, int group, Mock device) implements AutoCloseable {
        static Container open(int device) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                int container = Smoke.positive(Sys.open("/dev/vfio/vfio"), "open the container");
                int group = Smoke.positive(Sys.open(Mock.group(device)), "open the group");
                MemorySegment fd = arena.allocate(4, 8);
                fd.set(java.lang.foreign.ValueLayout.JAVA_INT, 0, container);
                Smoke.same(0, Sys.ioctl(group, 0x3b68, fd), "SET_CONTAINER");
                Smoke.same(0, Sys.ioctl(container, 0x3b66, 3), "SET_IOMMU");
                MemorySegment name = arena.allocateFrom("vfio_dirty_mock." + device);
                return new Container(
                        container, group, new Mock(Smoke.positive(Sys.ioctl(group, 0x3b6a, name), "GET_DEVICE_FD")));
            }
        }

        @Override
        public void close() {
            Sys.close(device.fd());
            Sys.close(group);
            Sys.close(fd);
        }
    }

    static void run() throws IOException {
        Smoke.title("type1 container");
        try (Arena arena = Arena.ofConfined();
                Container container = Container.open(2)) {
            Mock mock = container.device();
            MemorySegment memory = Smoke.pages(arena, 256);
            MemorySegment map = Smoke.longs(Smoke.ints(arena, 32, 3), 8, memory.address(), IOVA, 256 * PAGE);
            Smoke.same(0, Sys.ioctl(container.fd(), 0x3b71, map), "MAP_DMA");
            Smoke.same(0, Sys.ioctl(container.fd(), 0x3b75, Smoke.ints(arena, 8, 1)), "DIRTY_PAGES START");
            Smoke.same(new BitSet(), dirty(container), "nothing is dirty");

            Smoke.same(0, mock.pin(IOVA + 5 * PAGE, 3, Mock.PIN_WRITE), "pin");
            Smoke.same(Smoke.range(5, 8), dirty(container), "pinned pages");
            Smoke.same(new BitSet(), dirty(container), "which were unpinned at once");
            Smoke.same(0, mock.pin(IOVA + 9 * PAGE, 2, Mock.PIN_WRITE | Mock.PIN_KEEP), "pin and keep");
            Smoke.same(Smoke.range(9, 11), dirty(container), "kept pages");
            Smoke.same(Smoke.range(9, 11), dirty(container), "kept pages stay dirty");
            Smoke.same(-Sys.ENOENT, mock.unpin(IOVA + 9 * PAGE, 1), "unpin something else");
            Smoke.same(0, mock.unpin(IOVA + 9 * PAGE, 2), "unpin");
            dirty(container);
            Smoke.same(new BitSet(), dirty(container), "unpinned pages");

            MemorySegment data = arena.allocate(200);
            data.fill((byte) 0x5a);
            Smoke.same(0, mock.dma(IOVA + 64 * PAGE + 4000, data, true), "DMA_RW write");
            Smoke.same(-1L, memory.asSlice(64 * PAGE + 4000, 200).mismatch(data), "the bytes arrived");
            Smoke.same(Smoke.range(64, 66), dirty(container), "written pages");
            MemorySegment back = arena.allocate(200);
            Smoke.same(0, mock.dma(IOVA + 64 * PAGE + 4000, back, false), "DMA_RW read");
            Smoke.same(-1L, back.mismatch(data), "the bytes came back");
            Smoke.same(new BitSet(), dirty(container), "reading leaves no dirt");

            Smoke.same(0, mock.pin(IOVA, 1, Mock.PIN_KEEP), "pin before unmapping");
            MemorySegment unmap = Smoke.longs(Smoke.ints(arena, 24, 0), 8, IOVA, 256 * PAGE);
            Smoke.same(0, Sys.ioctl(container.fd(), 0x3b72, unmap), "UNMAP_DMA of pinned pages");
            Smoke.same(0, mock.info().pins(), "the pin went with its mapping");

            Smoke.same(0, Sys.ioctl(container.fd(), 0x3b71, map), "MAP_DMA again");
            Smoke.same(0, mock.pin(IOVA, 512, Mock.PIN_KEEP) < 0 ? 0 : 1, "pin beyond the mapping");
            Smoke.same(0, mock.pin(IOVA, 256, Mock.PIN_KEEP), "pinned when closed");
        }
        Mock control = Mock.control(2);
        Smoke.same(0, control.info().pins(), "closing unpins");
        Sys.close(control.fd());
    }

    private static BitSet dirty(Container container) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bitmap = arena.allocate(32, 8);
            MemorySegment get =
                    Smoke.longs(Smoke.ints(arena, 48, 4), 8, IOVA, 256 * PAGE, PAGE, 32, bitmap.address());
            Smoke.same(0, Sys.ioctl(container.fd(), 0x3b75, get), "DIRTY_PAGES GET_BITMAP");
            return Smoke.bits(bitmap);
        }
    }
}
