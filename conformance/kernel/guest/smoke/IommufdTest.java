import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Random;

/** IOMMUFD's dirty tracking on the kernel's own mock domain. */
final class IommufdTest {
    private static final long IOVA = 1L << 24;
    private static final long LENGTH = 8 << 20;
    private static final int MOCK_PAGE = 2048;
    private static final long TEST_CMD = 0x3ba0;

    private IommufdTest() {}

    static void run(long seed) {
        Smoke.title("IOMMUFD mock domain, seed " + seed);
        try (Arena arena = Arena.ofConfined()) {
            int fd = Smoke.positive(Sys.open("/dev/iommu"), "open /dev/iommu");
            MemorySegment ioas = Smoke.ints(arena, 12);
            Smoke.same(0, Sys.ioctl(fd, 0x3b81, ioas), "IOAS_ALLOC");
            int ioasId = ioas.get(JAVA_INT, 8);
            MemorySegment mock = Smoke.ints(arena, 72, 2, ioasId);
            Smoke.same(0, Sys.ioctl(fd, TEST_CMD, mock), "MOCK_DOMAIN");
            int deviceId = mock.get(JAVA_INT, 24);
            MemorySegment own = Smoke.ints(arena, 16, 1, mock.get(JAVA_INT, 20));
            Smoke.same(-Sys.EOPNOTSUPP, Sys.ioctl(fd, 0x3b8b, own), "the device's own HWPT cannot track");
            MemorySegment hardware = Smoke.ints(arena, 40, 0, deviceId);
            Smoke.same(0, Sys.ioctl(fd, 0x3b8a, hardware), "GET_HW_INFO");
            Smoke.same(1L, hardware.get(JAVA_LONG, 32), "capability dirty tracking");
            MemorySegment alloc = Smoke.ints(arena, 48, 2, deviceId, ioasId);
            Smoke.same(0, Sys.ioctl(fd, 0x3b89, alloc), "HWPT_ALLOC with dirty tracking");
            int hwpt = alloc.get(JAVA_INT, 16);
            MemorySegment memory = arena.allocate(LENGTH, Smoke.PAGE);
            MemorySegment map = Smoke.longs(Smoke.ints(arena, 40, 7, ioasId), 16, memory.address(), LENGTH, IOVA);
            Smoke.same(0, Sys.ioctl(fd, 0x3b85, map), "IOAS_MAP");

            MemorySegment written = arena.allocate(LENGTH / MOCK_PAGE / 8, 8);
            Smoke.same(-Sys.EINVAL, mark(fd, hwpt, written), "marking before tracking is on");
            Smoke.same(0, Sys.ioctl(fd, 0x3b8b, Smoke.ints(arena, 16, 1, hwpt)), "SET_DIRTY_TRACKING on");
            Random random = new Random(seed);
            for (int i = 0; i < 100; i++) {
                written.fill((byte) 0);
                BitSet marked = new BitSet();
                random.ints(1 + random.nextInt(40), 0, (int) LENGTH / MOCK_PAGE).forEach(marked::set);
                MemorySegment.copy(MemorySegment.ofArray(marked.toByteArray()), 0, written, 0, (marked.length() + 7) / 8);
                Smoke.same(marked.cardinality(), mark(fd, hwpt, written), "pages marked, case " + i);
                int shift = random.nextInt(3);
                BitSet expected = new BitSet();
                marked.stream().forEach(bit -> expected.set(bit >> shift));
                int offset = random.nextInt(512) * 8;
                Smoke.same(expected, get(fd, hwpt, MOCK_PAGE << shift, offset, true), "read without clearing, case " + i);
                Smoke.same(expected, get(fd, hwpt, MOCK_PAGE << shift, offset, false), "read and clear, case " + i);
                Smoke.same(new BitSet(), get(fd, hwpt, MOCK_PAGE << shift, offset, false), "read again, case " + i);
            }
            Smoke.same(0, Sys.ioctl(fd, 0x3b8b, Smoke.ints(arena, 16, 0, hwpt)), "SET_DIRTY_TRACKING off");
            Sys.close(fd);
        }
    }

    /** IOMMU_TEST_OP_DIRTY: how many pages it marked, or the negated errno. */
    private static int mark(int fd, int hwpt, MemorySegment bitmap) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment command = Smoke.ints(arena, 72, 13, hwpt);
            Smoke.longs(command, 24, IOVA, LENGTH, MOCK_PAGE, bitmap.address());
            int result = Sys.ioctl(fd, TEST_CMD, command);
            return result < 0 ? result : (int) command.get(JAVA_LONG, 56);
        }
    }

    private static BitSet get(int fd, int hwpt, long pageSize, int offset, boolean keep) {
        try (Arena arena = Arena.ofConfined()) {
            long bytes = LENGTH / pageSize / 8;
            MemorySegment bitmap = Smoke.pages(arena, 3).asSlice(offset, bytes);
            MemorySegment command = Smoke.ints(arena, 48, hwpt, keep ? 1 : 0);
            Smoke.longs(command, 16, IOVA, LENGTH, pageSize, bitmap.address());
            Smoke.same(0, Sys.ioctl(fd, 0x3b8c, command), "GET_DIRTY_BITMAP");
            return Smoke.bits(bitmap);
        }
    }
}
