package dev.iovabitmap.conformance.engine;

import java.nio.charset.StandardCharsets;

/** The last bytes of what a provider printed. */
final class OutputTail {
    private static final int SIZE = 64 * 1024;

    private final byte[] ring = new byte[SIZE];
    private long written;

    synchronized void add(byte[] bytes, int from, int to) {
        for (int i = Math.max(from, to - SIZE); i < to; i++) {
            ring[(int) (written++ % SIZE)] = bytes[i];
        }
    }

    synchronized String text() {
        int count = (int) Math.min(written, SIZE);
        byte[] ordered = new byte[count];
        for (int i = 0; i < count; i++) {
            ordered[i] = ring[(int) ((written - count + i) % SIZE)];
        }
        return Printable.of(new String(ordered, StandardCharsets.UTF_8));
    }
}
