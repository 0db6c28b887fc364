import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Shows that a guest has what the kernel tier needs: the mock device by group and by cdev, the type1 container, IOMMUFD's mock domain.
 * It is no conformance test. The other modes end the guest in the ways that the host has to tell apart.
 */
public final class Smoke {
    static final long G = 1L << 30;
    static final long PAGE = 4096;

    private static int checks;
    private static final List<String> failures = new ArrayList<>();

    private Smoke() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "run" -> run();
            case "exit" -> System.exit(Integer.parseInt(args[1]));
            case "panic" -> Files.writeString(Path.of("/proc/sysrq-trigger"), "c");
            case "hang" -> Thread.sleep(Long.MAX_VALUE);
            case "talk" -> talk();
            case "flood" -> flood();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void run() throws IOException {
        boolean modern = Files.exists(Path.of("/dev/iommu"));
        MockTest.control();
        MockTest.group(modern);
        Type1Test.run();
        if (modern) {
            MockTest.cdev();
            IommufdTest.run(Long.getLong("seed", 1));
        }
        String line = "smoke: " + checks + " checks, " + failures.size() + " failed";
        System.out.println(line);
        Files.writeString(Path.of(System.getenv("IOVA_BITMAP_RESULTS"), "smoke.txt"), line + "\n");
        System.exit(failures.isEmpty() ? 0 : 1);
    }

    /** Prints for ever, so that it is ended by the overall limit, or from outside. */
    private static void talk() throws InterruptedException {
        for (int i = 0; ; i++) {
            System.out.println("talking " + i);
            Thread.sleep(100);
        }
    }

    /** More results than the drive takes. */
    private static void flood() throws IOException {
        byte[] block = new byte[1 << 20];
        new Random(1).nextBytes(block);
        for (int i = 0; i < 300; i++) {
            Files.write(Path.of(System.getenv("IOVA_BITMAP_RESULTS"), "block" + i), block);
        }
    }

    static void title(String title) {
        System.out.println("smoke: " + title);
    }

    static void same(Object expected, Object actual, String what) {
        checks++;
        if (!Objects.equals(expected, actual)) {
            failures.add(what);
            System.out.println("FAIL " + what + ": expected " + expected + ", was " + actual);
        }
    }

    static int positive(int result, String what) {
        if (result < 0) {
            throw new AssertionError(what + ": errno " + -result);
        }
        return result;
    }

    /** Memory on whole pages, and no others' pages. */
    static MemorySegment pages(Arena arena, long pages) {
        return arena.allocate(pages * PAGE, PAGE);
    }

    static BitSet bits(MemorySegment bitmap) {
        return BitSet.valueOf(bitmap.asByteBuffer());
    }

    static BitSet range(int from, int to) {
        BitSet set = new BitSet();
        set.set(from, to);
        return set;
    }

    static MemorySegment ints(Arena arena, int size, int... values) {
        MemorySegment struct = arena.allocate(size, 8);
        struct.set(JAVA_INT, 0, size);
        for (int i = 0; i < values.length; i++) {
            struct.set(JAVA_INT, 4L + 4L * i, values[i]);
        }
        return struct;
    }

    static MemorySegment longs(MemorySegment struct, long offset, long... values) {
        for (int i = 0; i < values.length; i++) {
            struct.set(JAVA_LONG, offset + 8L * i, values[i]);
        }
        return struct;
    }
}
