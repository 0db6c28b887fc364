package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import java.lang.foreign.MemorySegment;

/** Something in the kernel that keeps dirt: started, then asked by report units, then stopped, by one caller at a time. */
public interface Transport {
    /** {@return what tracks, in one word} */
    String kind();

    /** {@return the page size of a bit in reports, a power of two; known once tracking has started} */
    long granule();

    /**
     * Tells whether a report can ask for a unit, once tracking has started.
     *
     * @param unit the unit
     * @return whether it can
     */
    boolean isReportable(IovaRange unit);

    /**
     * Reads the dirt of a unit.
     *
     * @param unit a unit that is reportable
     * @param bitmap zeroed whole pages of the session's own, with one to spare behind the unit's bits
     * @param clear whether the device forgets it; without that only where {@link #canPeek}
     */
    void report(IovaRange unit, MemorySegment bitmap, boolean clear);

    /** {@return whether a report can leave the dirt where it is} */
    boolean canPeek();

    /** Stops tracking. If this throws, it may still track; the next start ends that first. */
    void stop();
}
