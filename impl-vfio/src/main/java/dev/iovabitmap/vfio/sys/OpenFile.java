package dev.iovabitmap.vfio.sys;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** An open file, whatever descriptors there are of it, and what is remembered of it for as long as one of them is in use here. */
public final class OpenFile {
    private final List<Descriptor> descriptors = new ArrayList<>();
    private final Map<Object, Object> remembered = new HashMap<>();

    OpenFile() {}

    /**
     * Returns what is remembered of a kind, made when it is first asked for.
     *
     * @param kind what it is
     * @param id which of several in this file
     * @param made makes it
     * @return the same for everybody who has a descriptor of this file
     */
    public synchronized <T> T remembered(Class<T> kind, int id, Supplier<T> made) {
        return kind.cast(remembered.computeIfAbsent(List.of(kind, id), key -> made.get()));
    }

    /**
     * Returns a descriptor to make calls with.
     *
     * @return one that is in use
     * @throws IllegalStateException if none is any more
     */
    public synchronized Descriptor descriptor() {
        if (descriptors.isEmpty()) {
            throw new IllegalStateException("the file is closed");
        }
        return descriptors.getFirst();
    }

    synchronized void add(Descriptor descriptor) {
        descriptors.add(descriptor);
    }

    /** Takes note that a descriptor is no longer used, and tells whether it was the last. */
    synchronized boolean remove(Descriptor descriptor) {
        descriptors.remove(descriptor);
        return descriptors.isEmpty();
    }
}
