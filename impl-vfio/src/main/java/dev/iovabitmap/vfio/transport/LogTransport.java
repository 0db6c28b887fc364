package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.OpenFile;
import java.util.List;

/** Tracks addresses, mapped or not. It gets them when it is started. */
public interface LogTransport extends Transport {
    /** Takes note of somebody who has an open file of the device. */
    void use(OpenFile file);

    /** Takes note that somebody has it no more. */
    void leave(OpenFile file);

    /**
     * Asks whether it can track at all.
     *
     * @return whether it can
     */
    boolean isSupported();

    /**
     * Starts tracking. If this throws, nothing is tracked.
     *
     * @param ranges what to track, ascending and disjoint
     * @param pageSize the page size to ask for
     * @param maxRanges how many ranges the device is asked to track at most
     * @return what is asked for whole, ascending; of the ranges, what is left out cannot be tracked
     */
    List<IovaRange> start(List<IovaRange> ranges, long pageSize, int maxRanges);
}
