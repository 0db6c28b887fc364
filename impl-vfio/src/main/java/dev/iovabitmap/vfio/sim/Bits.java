package dev.iovabitmap.vfio.sim;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Bits in memory: bit k is byte k / 8, mask 1 << (k % 8). */
final class Bits {
    private Bits() {}

    /** Sets a run of bits, both ends included. */
    static void set(MemorySegment bytes, long first, long last) {
        long firstByte = first >>> 3;
        long lastByte = last >>> 3;
        int head = (0xff << (int) (first & 7)) & 0xff;
        int tail = 0xff >> (7 - (int) (last & 7));
        if (firstByte == lastByte) {
            or(bytes, firstByte, head & tail);
            return;
        }
        or(bytes, firstByte, head);
        bytes.asSlice(firstByte + 1, lastByte - firstByte - 1).fill((byte) 0xff);
        or(bytes, lastByte, tail);
    }

    /** The first word. */
    static long word(MemorySegment bytes) {
        return bytes.get(JAVA_LONG_UNALIGNED, 0);
    }

    static void word(MemorySegment bytes, long value) {
        bytes.set(JAVA_LONG_UNALIGNED, 0, value);
    }

    private static void or(MemorySegment bytes, long offset, int mask) {
        bytes.set(JAVA_BYTE, offset, (byte) (bytes.get(JAVA_BYTE, offset) | mask));
    }
}
