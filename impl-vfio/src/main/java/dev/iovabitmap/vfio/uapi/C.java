package dev.iovabitmap.vfio.uapi;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Writes structs down the way that C lays them out. */
final class C {
    private C() {}

    static MemoryLayout u16(String name) {
        return ValueLayout.JAVA_SHORT.withName(name);
    }

    static MemoryLayout u32(String name) {
        return ValueLayout.JAVA_INT.withName(name);
    }

    static MemoryLayout u64(String name) {
        return ValueLayout.JAVA_LONG.withName(name);
    }

    /** A struct with the padding that C puts between its fields and behind them. */
    static StructLayout struct(String name, MemoryLayout... fields) {
        List<MemoryLayout> padded = new ArrayList<>();
        long end = 0;
        long alignment = 1;
        for (MemoryLayout field : fields) {
            end = pad(padded, end, field.byteAlignment());
            padded.add(field);
            end += field.byteSize();
            alignment = Math.max(alignment, field.byteAlignment());
        }
        pad(padded, end, alignment);
        return MemoryLayout.structLayout(padded.toArray(MemoryLayout[]::new)).withName(name);
    }

    private static long pad(List<MemoryLayout> fields, long end, long alignment) {
        long gap = -end & (alignment - 1);
        if (gap > 0) {
            fields.add(MemoryLayout.paddingLayout(gap));
        }
        return end + gap;
    }
}
