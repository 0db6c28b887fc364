package dev.iovabitmap.vfio.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

// The kernel writes here and nowhere else. It pins whole pages and is known to set bits up to the end of the last
// one, to lose bits silently where it cannot pin, and to overwrite words: none of that may meet memory of a caller.
// So these are whole pages, written to before each report so that they are there, zeroed, with one page behind them
// that nobody reads.

/** The memory that reports are written to, one at a time. */
final class Scratch implements AutoCloseable {
    /** The largest base page of Linux, so that whole pages are whole on every host. */
    private static final long PAGE = 1 << 16;

    private Arena arena = Arena.ofShared();
    private MemorySegment pages = MemorySegment.NULL;

    /**
     * Returns zeroed pages for a report, which are those of the last one.
     *
     * @param bytes how many of them hold bits
     * @return the pages, and one more
     */
    MemorySegment zeroed(long bytes) {
        long size = ((bytes + PAGE - 1) & -PAGE) + PAGE;
        if (size > pages.byteSize()) {
            Arena larger = Arena.ofShared();
            pages = larger.allocate(size, PAGE);
            arena.close();
            arena = larger;
        }
        return pages.asSlice(0, size).fill((byte) 0);
    }

    @Override
    public void close() {
        arena.close();
    }
}
