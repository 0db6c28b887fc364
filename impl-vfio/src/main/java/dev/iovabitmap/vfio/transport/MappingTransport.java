package dev.iovabitmap.vfio.transport;

/** What tracks whatever is mapped: each mapping is asked for as a whole. */
public interface MappingTransport extends Transport {
    /** Starts tracking. If this throws, nothing is tracked. */
    void start();
}
