package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One source of dirt, as the session drives it: started once, then asked by report units, then stopped. The session
 * serialises the calls.
 */
public interface Transport {
    /**
     * Starts tracking. If this throws, nothing is tracked.
     *
     * @param ranges what to track, each of whole pages, ascending and disjoint
     * @param pageSize the page size to ask for
     * @param maxRanges how many ranges the device is asked to track at most
     */
    void start(List<IovaRange> ranges, long pageSize, int maxRanges);

    /** {@return the page size of a bit in reports, a power of two; known once tracking has started} */
    long granule();

    /** {@return what is asked for whole, of what is tracked since the start; ascending} */
    List<IovaRange> units();

    /**
     * Reads the dirt of a unit.
     *
     * @param unit a unit
     * @param bitmap zeroed whole pages of the session's own, with one to spare behind the unit's bits
     * @param clear whether the device forgets it; without that only where {@link #canPeek}
     */
    void report(IovaRange unit, MemorySegment bitmap, boolean clear);

    /** {@return whether a report can leave the dirt where it is} */
    boolean canPeek();

    /** {@return whether what is tracked are mappings, each a unit; otherwise it is what tracking was started with} */
    boolean tracksMappings();

    /**
     * Tells whether a mapping that has come while tracking runs can be reported.
     *
     * @param mapping the mapping
     * @return whether it is a unit
     */
    boolean isReportable(IovaRange mapping);

    /**
     * Removes a mapping with the call that also hands over its dirt, where the kernel has one.
     *
     * @param mapping one of the units
     * @param bitmap as in {@link #report}
     * @return whether that was done; if not, the mapping is still there
     */
    boolean unmapAndReport(IovaRange mapping, MemorySegment bitmap);

    /** Stops tracking. */
    void stop();
}
