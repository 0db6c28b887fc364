package dev.iovabitmap.conformance.rules.alloc;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.Feature;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a refusal looks like. */
public class RefusalTest {
    private static final Geometry GEOMETRY = Geometry.ofPages(0x10000, 64, 4096);

    @Test
    @Verifies("ALLOC-5")
    void namesTheLength() {
        Refusals.names(Refusals.refuses(IllegalArgumentException.class, 0x10000, 0, 4096, 64), "length", 0);
    }

    @Test
    @Verifies("ALLOC-5")
    void namesThePageSize() {
        for (long pageSize : new long[] {0, 3, 0x3000, 4095, Long.MAX_VALUE, -1, -4096}) {
            Throwable refusal = Refusals.refuses(IllegalArgumentException.class, 0x10000, 0x1000, pageSize, 64);
            Refusals.names(refusal, "pageSize", pageSize);
        }
    }

    /** A range that wraps is wrong in its length, or in its base: either is a fair answer. */
    @Test
    @Verifies("ALLOC-5")
    void namesTheRangeThatWraps() {
        Throwable refusal = Refusals.refuses(IllegalArgumentException.class, -4096, 8193, 4096, 64);
        try {
            Refusals.names(refusal, "length", 8193);
        } catch (AssertionError notTheLength) {
            Refusals.names(refusal, "iova", -4096);
        }
    }

    @Test
    @Verifies("ALLOC-5")
    void namesTheSizeOfShortData() {
        Refusals.names(Refusals.refuses(IllegalArgumentException.class, 0x10000, 4096 * 1000, 4096, 120), "data", 120);
    }

    @Test
    @Verifies("ALLOC-5")
    void namesReadOnlyData() {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(GEOMETRY, Fill.DIRTY, arena);
            Throwable refusal = Refusals.refuses(
                    IllegalArgumentException.class,
                    data,
                    "allocate with read-only data",
                    () -> allocate(data.data().asReadOnly()));
            if (!String.valueOf(refusal.getMessage()).contains("data")) {
                throw new AssertionError("the message does not name data: " + refusal.getMessage());
            }
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is the point
    @Verifies("ALLOC-5")
    void refusesNullWithNullPointerException() {
        assertThrows(NullPointerException.class, () -> allocate(null));
    }

    @Test
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("ALLOC-5")
    void refusesDataOfAClosedArena() {
        for (boolean shared : new boolean[] {false, true}) {
            Arena arena = shared ? Arena.ofShared() : Arena.ofConfined();
            MemorySegment data = Rig.allocate(GEOMETRY, Fill.CLEAN, arena).data();
            arena.close();
            assertThrows(IllegalStateException.class, () -> allocate(data));
        }
    }

    @Test
    @Needs(Feature.CLOSEABLE_DATA)
    @Verifies("ALLOC-5")
    void refusesDataOfAnotherThread() {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(GEOMETRY, Fill.DIRTY, arena);
            InThread.run(() -> assertThrows(WrongThreadException.class, () -> allocate(data.data())));
            data.check("allocate from another thread than the data's");
        }
    }

    /** A kind of memory that a provider cannot work on is refused, and one that it takes works. */
    @Test
    @Verifies("ALLOC-5")
    void refusesOrTakesEveryKindOfMemory() {
        int size = GEOMETRY.byteSize();
        Map<String, MemorySegment> kinds = new TreeMap<>();
        kinds.put("long[]", MemorySegment.ofArray(new long[size / 8]));
        kinds.put("int[]", MemorySegment.ofArray(new int[size / 4]));
        kinds.put("short[]", MemorySegment.ofArray(new short[size / 2]));
        kinds.put("char[]", MemorySegment.ofArray(new char[size / 2]));
        kinds.put("float[]", MemorySegment.ofArray(new float[size / 4]));
        kinds.put("double[]", MemorySegment.ofArray(new double[size / 8]));
        kinds.put("byte[]", MemorySegment.ofArray(new byte[size]));
        MemorySegment longer = MemorySegment.ofArray(new long[size / 8 + 2]);
        kinds.put("long[] from its second element on", longer.asSlice(8, size));
        MemorySegment shifted = MemorySegment.ofArray(new long[size / 8 + 1]);
        kinds.put("long[] from inside its first element on", shifted.asSlice(4, size));
        kinds.forEach(RefusalTest::refusesOrTakes);
        if (longer.get(ValueLayout.JAVA_LONG, 0) != 0 || longer.get(ValueLayout.JAVA_LONG, size + 8L) != 0) {
            throw new AssertionError("a bitmap over a slice of a long[] marked beside the slice");
        }
        try (Arena arena = Arena.ofConfined()) {
            refusesOrTakes("native", arena.allocate(size, 8));
        }
    }

    @Test
    @Verifies("ALLOC-5")
    void refusesOrTakesAMappedFile() {
        try (Arena arena = Arena.ofConfined()) {
            refusesOrTakes("a mapped file", map(arena));
        }
    }

    /** The mapping outlives the file's name and its channel. */
    private static MemorySegment map(Arena arena) {
        try {
            Path file = Files.createTempFile("iova-bitmap", ".words");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(MapMode.READ_WRITE, 0, GEOMETRY.byteSize(), arena);
            }
        } catch (IOException noFile) { // no fault of the provider's, so no FAIL
            throw new InternalError("ALLOC-5 cannot be judged here: no temporary file can be mapped", noFile);
        }
    }

    @Test
    @Verifies("ALLOC-5")
    void allocateDataRefusesWhatNoDataHas() {
        for (long[] arguments : new long[][] {{-1, 0}, {Long.MIN_VALUE, 0}, {64, 4096}, {64, -1}, {64, 1L << 32}}) {
            try (Arena arena = Arena.ofConfined()) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Subject.provider().allocateData(arguments[0], arguments[1], arena),
                        () -> "allocateData(" + arguments[0] + ", " + arguments[1] + ", arena)");
            }
        }
    }

    private static void refusesOrTakes(String kind, MemorySegment data) {
        long[] expected = new long[GEOMETRY.byteSize() / 8];
        try {
            IovaBitmap bitmap = allocate(data);
            bitmap.set(GEOMETRY.page(3), GEOMETRY.pages(5));
            expected[0] = 0xf8;
        } catch (IllegalArgumentException refused) {
            if (refused.getMessage() == null || !refused.getMessage().contains("data")) {
                throw new AssertionError(
                        "the refusal of " + kind + " does not name data: " + refused.getMessage(), refused);
            }
        } catch (RuntimeException other) {
            throw new AssertionError(kind + " gave " + other + ", not IllegalArgumentException", other);
        }
        long at = data.mismatch(MemorySegment.ofArray(expected));
        if (at >= 0) {
            throw new AssertionError("bitmap: " + GEOMETRY + " over " + kind + "\nset of pages 3 to 7: byte " + at
                    + " differs from word 0 = 0xf8");
        }
    }

    private static IovaBitmap allocate(MemorySegment data) {
        return Subject.provider().allocate(GEOMETRY.iova(), GEOMETRY.length(), GEOMETRY.pageSize(), data);
    }
}
