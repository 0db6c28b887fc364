package dev.iovabitmap.vfio.uapi;

import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** A number in a C struct, always unsigned: reading extends by zeros, and writing refuses what does not fit. */
public final class Field {
    private final String name;
    private final long offset;
    private final int size;

    private Field(String name, long offset, int size) {
        this.name = name;
        this.offset = offset;
        this.size = size;
    }

    static Field of(StructLayout struct, String name) {
        PathElement element = PathElement.groupElement(name);
        return new Field(
                name, struct.byteOffset(element), (int) struct.select(element).byteSize());
    }

    /** {@return where the field starts in its struct, in bytes} */
    public long offset() {
        return offset;
    }

    /** {@return the field's width in bytes} */
    public int size() {
        return size;
    }

    /** {@return the field's value in a struct} */
    public long get(MemorySegment struct) {
        return switch (size) {
            case 2 -> Short.toUnsignedLong(struct.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset));
            case 4 -> Integer.toUnsignedLong(struct.get(ValueLayout.JAVA_INT_UNALIGNED, offset));
            default -> struct.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        };
    }

    /** Returns a value that is known to fit an int, such as an id or an offset within a struct. */
    public int getInt(MemorySegment struct) {
        return Math.toIntExact(get(struct));
    }

    /**
     * Writes the field's value in a struct.
     *
     * @throws IllegalArgumentException if the field is too narrow for it
     */
    public void set(MemorySegment struct, long value) {
        if (size < Long.BYTES && value >>> (8 * size) != 0) {
            throw new IllegalArgumentException(
                    "0x" + Long.toHexString(value) + " does not fit the " + size + " bytes of " + name);
        }
        switch (size) {
            case 2 -> struct.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) value);
            case 4 -> struct.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) value);
            default -> struct.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
