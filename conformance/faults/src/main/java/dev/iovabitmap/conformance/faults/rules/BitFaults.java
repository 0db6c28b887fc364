package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.allocation;
import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.faults.RightProvider;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;

/** Wrong about where a bit is. */
public final class BitFaults {
    private BitFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                allocation("BIT-3", "unaligned data is not refused", Set.of(), (iova, length, pageSize, data) -> {
                    RightProvider.requireRange(iova, length, pageSize);
                    RightProvider.requireData(length, pageSize, data);
                    return new RightBitmap(iova, length, pageSize, data);
                }),
                bitmap("BIT-2", "words are big-endian", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void or(long at, int mask) {
                        super.or(at ^ 7, mask);
                    }
                }),
                bitmap("BIT-5", "bits are counted in an int", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        int from = (int) first;
                        int to = (int) last;
                        super.mark(from, to);
                    }
                }),
                bitmap("BIT-4", "strays of the last word are cleared", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        super.mark(first, last);
                        if (bits() % 8 != 0) {
                            long at = (bits() - 1) >>> 3;
                            int kept = data.get(ValueLayout.JAVA_BYTE, at) & (0xff >> (8 - bits() % 8));
                            data.set(ValueLayout.JAVA_BYTE, at, (byte) kept);
                        }
                    }
                }));
    }
}
