package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.session.Session;
import dev.iovabitmap.vfio.session.Source;
import dev.iovabitmap.vfio.session.SourceState;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The I/O virtual addresses that devices see behind an IOMMU, and what is mapped there: a type1 container or an address space
 * of IOMMUFD. Mappings may come and go while a session tracks; the dirt of one that goes is taken before.
 *
 * <p>IOVA reuse behind a virtual IOMMU is not supported: an address means the same memory for as long as it is tracked.
 */
public abstract sealed class AddressSpace implements AutoCloseable permits Type1Container, IommufdSpace {
    /** Owns the memory of the calls, and lives as long as the file is open. */
    private final Arena arena = Arena.ofShared();

    final Vfio vfio;
    final Descriptor descriptor;
    final Caller caller;

    /** By first address. Reading takes no lock, since a session reads while it holds its own. */
    private final ConcurrentSkipListMap<Long, Mapping> mappings =
            new ConcurrentSkipListMap<>(Comparator.comparing(Long::longValue, Unsigned::compare));

    /** Who tracks what is mapped here: this address space, and the devices that were opened through it. */
    private final List<SourceState> involved = new CopyOnWriteArrayList<>();

    private boolean closed;

    /** The memory is held so that what an automatic arena owns stays allocated while a device can reach it. */
    private record Mapping(IovaRange range, MemorySegment memory) {}

    AddressSpace(Vfio vfio, Descriptor descriptor, List<IovaRange> mappings) {
        this.vfio = vfio;
        this.descriptor = descriptor;
        this.caller = new Caller(vfio.syscalls(), arena);
        mappings.forEach(range -> remember(range, MemorySegment.NULL));
    }

    private void remember(IovaRange range, MemorySegment memory) {
        mappings.put(range.iova(), new Mapping(range, memory));
    }

    abstract void mapHere(long iova, MemorySegment memory);

    abstract void unmapHere(IovaRange mapping);

    /** What {@link #trackedBy} returns; called by one thread at a time, since asking takes the memory of the calls. */
    abstract List<Source> sources();

    abstract void closeHere();

    final void involve(SourceState state) {
        involved.add(state);
    }

    final void release(SourceState state) {
        involved.remove(state);
    }

    /** {@return what a session tracks with here; empty if the IOMMU cannot track} */
    final synchronized List<Source> trackedBy() {
        return sources();
    }

    /**
     * {@return whether the IOMMU tracks dirty pages}
     *
     * @throws IoctlException if it cannot be asked
     */
    public final boolean canTrack() {
        return !trackedBy().isEmpty();
    }

    /** {@return what is mapped, ascending} */
    public final List<IovaRange> mappings() {
        return mappings.values().stream().map(Mapping::range).toList();
    }

    /**
     * Maps memory for reading and writing by the devices. The memory must not be released before it is unmapped.
     *
     * @param iova the first address, unsigned, a multiple of the IOMMU's page size
     * @param memory native or mapped memory, whose address and size are such multiples as well
     * @throws IllegalArgumentException if the memory is on the heap or empty
     * @throws IoctlException if the kernel refuses
     */
    public final synchronized void map(long iova, MemorySegment memory) {
        if (!memory.isNative() || memory.byteSize() == 0) {
            throw new IllegalArgumentException("memory is on the heap or empty, and cannot be mapped: " + memory);
        }
        mapHere(iova, memory);
        added(new IovaRange(iova, memory.byteSize()), memory);
    }

    /**
     * Takes note of a mapping that somebody else made in what was adopted.
     *
     * @param mapping exactly as it was mapped
     */
    public final synchronized void adoptMapping(IovaRange mapping) {
        added(mapping, MemorySegment.NULL);
    }

    /**
     * Takes note that somebody else is about to unmap what was adopted; call this before it is unmapped. From then on the
     * sessions that track here report its addresses as dirty, until something is mapped there again.
     *
     * @param mapping exactly one of {@link #mappings}
     * @throws IllegalArgumentException if it is none of them
     */
    public final synchronized void forgetMapping(IovaRange mapping) {
        if (mappings.remove(mapping.iova()) == null) {
            throw new IllegalArgumentException(mapping + " is none of the mappings");
        }
    }

    /**
     * Takes note of a device that somebody else is about to attach here; call this before it is attached. It counts as one
     * that can write, and joins a session that runs. Behind IOMMUFD it has to be attached to one of the page tables that
     * were adopted; {@link IommufdSpace#adoptDevice(int, int)} names another.
     *
     * @param fd its file descriptor
     * @return the device; closing it leaves the file descriptor open
     */
    public final VfioDevice adoptDevice(int fd) {
        return vfio.adoptDevice(fd, this);
    }

    private void added(IovaRange range, MemorySegment memory) {
        remember(range, memory);
        sessions().forEach(session -> session.mapped(this, range));
    }

    /**
     * Takes the dirt of a mapping into the sessions that track it, and unmaps it. From then on they report its addresses as
     * dirty, since they can no longer vouch for them.
     *
     * @param mapping exactly one of {@link #mappings}
     * @throws IllegalArgumentException if it is none of them
     * @throws IoctlException if the kernel refuses; the mapping is then still there
     */
    public final synchronized void unmap(IovaRange mapping) {
        Mapping known = mappings.get(mapping.iova());
        if (known == null || !known.range.equals(mapping)) {
            throw new IllegalArgumentException(mapping + " is none of the mappings");
        }
        Runnable unmap = () -> unmapHere(mapping);
        for (Session session : sessions()) {
            Runnable inner = unmap;
            unmap = () -> session.unmap(this, mapping, inner);
        }
        unmap.run();
        mappings.remove(mapping.iova());
    }

    private Set<Session> sessions() {
        Set<Session> sessions = new LinkedHashSet<>();
        for (SourceState state : involved) {
            Session session = state.session();
            if (session != null) {
                sessions.add(session);
            }
        }
        return sessions;
    }

    /**
     * Closes what was opened, and nothing that was adopted. Closing again does nothing.
     *
     * @throws IllegalStateException if a session tracks here
     */
    @Override
    public final synchronized void close() {
        if (closed) {
            return;
        }
        involved.forEach(SourceState::requireIdle);
        closed = true;
        try {
            closeHere();
        } finally {
            mappings.clear();
            arena.close();
        }
    }

    @Override
    public final String toString() {
        return descriptor.toString();
    }
}
