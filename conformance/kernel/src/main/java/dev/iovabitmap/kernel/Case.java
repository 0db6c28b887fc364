package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question to the kernel and to us.
 *
 * @param layout what is asked for
 * @param offset where the bitmap starts in its page, in bytes
 * @param dirty what was written, each range inside of what is asked for
 */
record Case(IovaBitmapLayout layout, int offset, List<IovaRange> dirty) {
    private static final long PAGE = IovaBitmapLayout.BASE_PAGE_SIZE;

    /** Whole pages of memory with a page before and behind, so that a byte out of place shows. */
    static MemorySegment memory(Arena arena, IovaBitmapLayout layout, int offset) {
        long pages = (offset + layout.byteSize() + PAGE - 1) / PAGE;
        return arena.allocate((pages + 2) * PAGE, PAGE);
    }

    /** {@return where the bitmap is in that memory} */
    MemorySegment bitmap(MemorySegment memory) {
        return memory.asSlice(PAGE + offset, layout.byteSize());
    }

    /** {@return what all of the memory has to be} */
    MemorySegment expected(Arena arena) {
        MemorySegment memory = memory(arena, layout, offset);
        try (IovaBitmap bitmap = FfmIovaBitmap.over(layout, bitmap(memory))) {
            dirty.forEach(range -> bitmap.set(range.iova(), range.length()));
        }
        return memory;
    }

    /** {@return what differs, or null} */
    @Nullable
    String difference(MemorySegment actual, MemorySegment expected) {
        String difference = firstDifference(actual, expected);
        return difference == null ? null : difference + ": " + this;
    }

    /** {@return what differs, without what was asked, or null} */
    @Nullable
    String firstDifference(MemorySegment actual, MemorySegment expected) {
        long at = expected.mismatch(actual);
        if (at < 0) {
            return null;
        }
        return "byte " + (at - PAGE - offset) + " of the bitmap is " + show(actual, at) + ", not " + show(expected, at);
    }

    private static String show(MemorySegment memory, long at) {
        return String.format("0x%02x", memory.get(ValueLayout.JAVA_BYTE, at));
    }

    @Override
    public String toString() {
        return "iova=" + Unsigned.hex(layout.iova()) + " length=" + Unsigned.hex(layout.length()) + " page_size="
                + Unsigned.hex(layout.pageSize()) + " data_page_offset=" + offset + " dirty=" + dirty;
    }
}
