package dev.iovabitmap.vfio.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel's bitmap at its edges, and its windows, against what real kernels were observed to do. */
class KernelBitmapTest {
    private static final long G = 1L << 30;

    private record Edge(
            String id, long iova, long length, long pageOffset, long pinnablePages, long[] sets, int[] runs) {
        @Override
        public String toString() {
            return id;
        }
    }

    /** Where a real 6.12 differs from what is right; without those that never return there, which no driver calls. */
    static Stream<Edge> edges() {
        return Stream.of(
                new Edge("bug-overrun", 4 * G, 40960, 0, 9, new long[] {4 * G, 2 << 20}, new int[] {0, 512}),
                new Edge("bug-overrun-1T", 4 * G, 40960, 0, 1, new long[] {4 * G, 1L << 40}, new int[] {0, 32768}),
                new Edge("bug-overrun-off4092", 4 * G, 40960, 4092, 1, new long[] {4 * G, 2 << 20}, new int[] {0, 32}),
                new Edge("bug-after-end-same-byte", 4 * G, 40960, 0, 1, new long[] {4 * G + 40960, 4096}, new int[] {
                    10, 1
                }),
                new Edge(
                        "bug-after-end-last-bit-of-byte",
                        4 * G,
                        40960,
                        0,
                        1,
                        new long[] {4 * G + 15 * 4096, 4096},
                        new int[] {15, 1}),
                new Edge("next byte", 4 * G, 40960, 0, 1, new long[] {4 * G + 16 * 4096, 4096}, new int[] {}),
                new Edge("bug-underrun", 4 * G, 40960, 0, 1, new long[] {4 * G - 4096, 8192}, new int[] {}),
                new Edge(
                        "bug-zero-len-unaligned", 4 * G, 40960, 0, 1, new long[] {4 * G + 0x1800, 0}, new int[] {1, 1}),
                new Edge("bug-partial-pin", 0, G / 4, 4095, 1, new long[] {0, 1 << 20}, new int[] {0, 8}),
                new Edge("bug-no-pin", 0, G / 4, 0, 0, new long[] {0, 1 << 20}, new int[] {}));
    }

    @ParameterizedTest
    @MethodSource("edges")
    void shouldDoAs612(Edge edge) {
        try (Arena arena = Arena.ofConfined()) {
            SimulatedKernel kernel =
                    SimulatedKernel.builder(KernelVersion.V6_12).build();
            MemorySegment pages = arena.allocate(16 * 4096, 4096);
            MemorySegment pinnable = pages.asSlice(0, edge.pinnablePages * 4096);
            KernelBitmap bitmap = new KernelBitmap(
                    kernel,
                    edge.iova,
                    edge.length,
                    4096,
                    pages.address() + edge.pageOffset,
                    UserMemory.of(MemorySegment.NULL, pinnable));
            bitmap.set(edge.sets[0], edge.sets[1]);
            BitSet expected = new BitSet();
            for (int i = 0; i < edge.runs.length; i += 2) {
                expected.set(edge.runs[i], edge.runs[i] + edge.runs[i + 1]);
            }
            assertEquals(expected, Caller.bits(pages.asSlice(edge.pageOffset)));
            assertEquals(new BitSet(), Caller.bits(pages.asSlice(0, edge.pageOffset)), "before the bitmap");
        }
    }

    private static Arguments windows(long iova, long length, long pageOffset, long... expected) {
        return Arguments.of(iova, length, pageOffset, expected);
    }

    /** As observed on 6.1.192. */
    static Stream<Arguments> windows() {
        return Stream.of(
                windows(0, 224 * G, 0, 0, 64 * G, 64 * G, 64 * G, 128 * G, 64 * G, 192 * G, 32 * G),
                windows(
                        0,
                        224 * G,
                        8,
                        0,
                        0xffffc0000L,
                        0xffffc0000L,
                        64 * G,
                        0x1ffffc0000L,
                        64 * G,
                        0x2ffffc0000L,
                        0x800040000L),
                windows(0x1000, 128 * G, 4088, 0x1000, 0xff8040000L, 0xff8041000L, 64 * G, 0x1ff8041000L, 0x7fc0000L),
                windows(4 * G, 124 * G, 0, 4 * G, 64 * G, 68 * G, 60 * G));
    }

    @ParameterizedTest
    @MethodSource("windows")
    void shouldShowTheWindowsOfBothVersions(long iova, long length, long pageOffset, long[] expected) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(8L << 20, 4096);
            assertEquals(List.of(box(expected)), seen(KernelVersion.V6_1, iova, length, pageOffset, pages));
            assertEquals(List.of(iova, length), seen(KernelVersion.V6_12, iova, length, pageOffset, pages));
        }
    }

    private static Long[] box(long[] values) {
        return java.util.Arrays.stream(values).boxed().toArray(Long[]::new);
    }

    private static List<Long> seen(
            KernelVersion version, long iova, long length, long pageOffset, MemorySegment pages) {
        List<Long> seen = new ArrayList<>();
        KernelBitmap bitmap = new KernelBitmap(
                SimulatedKernel.builder(version).build(),
                iova,
                length,
                4096,
                pages.address() + pageOffset,
                UserMemory.of(MemorySegment.NULL, pages));
        bitmap.forEach((windowIova, windowLength) -> {
            seen.add(windowIova);
            seen.add(windowLength);
        });
        return seen;
    }

    @Test
    void shouldFailToPinIn61() {
        try (Arena arena = Arena.ofConfined()) {
            SimulatedKernel kernel = SimulatedKernel.builder(KernelVersion.V6_1).build();
            MemorySegment pages = arena.allocate(2 * 4096, 4096);
            UserMemory memory = UserMemory.of(MemorySegment.NULL, pages);
            KernelError none =
                    assertThrows(KernelError.class, () -> new KernelBitmap(kernel, 0, G, 4096, 0x10, memory));
            assertEquals(Errno.EFAULT, none.errno);
            // Two pages of eight: the second window fails, what was marked in the first stays.
            KernelBitmap partial = new KernelBitmap(kernel, 0, G, 4096, pages.address(), memory);
            KernelError later =
                    assertThrows(KernelError.class, () -> partial.forEach((iova, length) -> partial.set(iova, 4096)));
            assertEquals(Errno.EFAULT, later.errno);
            BitSet first = new BitSet();
            first.set(0);
            assertEquals(first, Caller.bits(pages));
        }
    }
}
