package dev.iovabitmap.spi;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import java.util.List;

/** How the conformance suite drives a device: it tracks, and it makes the device write. */
public interface HardwareHarness extends AutoCloseable {
    /** {@return the ranges that can be tracked; the suite draws its addresses from here} */
    List<IovaRange> trackable();

    /**
     * Starts tracking.
     *
     * @param ranges what to track
     * @param pageSize the page size to ask for in bytes, a power of two; the device may grant another
     * @return the session, which the caller closes
     */
    DirtyTracker track(List<IovaRange> ranges, long pageSize);

    /**
     * Makes the device write. Returns when the writes are done.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     */
    void write(long iova, long length);

    @Override
    void close();
}
