package dev.iovabitmap.vfio;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Space;
import dev.iovabitmap.vfio.session.Unit;
import dev.iovabitmap.vfio.session.Unit.Access;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The I/O virtual addresses that devices see behind an IOMMU, and what is mapped there: a type1 container or an address space
 * of IOMMUFD. Mappings and devices may come and go while a session tracks.
 *
 * <p>What is promised is promised by address. Where a virtual IOMMU uses an address again for other memory, whose memory
 * a dirty address was is for the caller to know.
 *
 * <p>Of an address space that was adopted no call tells what is mapped or attached. The caller's lists are trusted: whoever
 * unmaps calls {@link #forgetMapping} before, and whoever attaches a device calls {@link #adoptDevice} before.
 */
public abstract sealed class AddressSpace implements AutoCloseable permits Type1Container, IommufdSpace {
    final Vfio vfio;
    final Descriptor descriptor;
    final Caller caller;

    /** Shared with everybody who has opened or adopted the same. */
    final Space space;

    private boolean closed;

    AddressSpace(Vfio vfio, Descriptor descriptor, Space space) {
        this.vfio = vfio;
        this.descriptor = descriptor;
        this.caller = vfio.caller();
        this.space = space;
        space.hold();
    }

    /** Takes note of what somebody else has mapped here, and may change. */
    final void adopted(List<IovaRange> mappings) {
        try {
            space.adopt();
            mappings.forEach(this::adoptMapping);
        } catch (Throwable e) {
            Vfio.closeAfter(e, this);
            throw e;
        }
    }

    abstract void mapHere(long iova, MemorySegment memory);

    abstract void unmapHere(IovaRange mapping);

    abstract void closeHere();

    /** {@return this, adopted by somebody else over a descriptor of the same file} */
    abstract AddressSpace adoptedBy(Vfio other, int fd);

    /**
     * {@return whether the IOMMU tracks dirty pages}
     *
     * @throws IoctlException if it cannot be asked
     */
    public final boolean canTrack() {
        return vfio.locked(() -> space.whyNot() == null);
    }

    /** {@return what is mapped, ascending} */
    public final List<IovaRange> mappings() {
        return vfio.locked(() -> space.mappings.all().stream().map(Unit::range).toList());
    }

    /**
     * Maps memory for the devices: for reading and writing, or for reading only if it is a read-only segment, which then is
     * never dirty. The memory must not be released before it is unmapped.
     *
     * @param iova the first address, unsigned, a multiple of the IOMMU's page size
     * @param memory native or mapped memory, whose address and size are such multiples as well
     * @throws IllegalArgumentException if the memory is on the heap or empty
     * @throws IoctlException if the kernel refuses
     */
    public final void map(long iova, MemorySegment memory) {
        if (!memory.isNative() || memory.byteSize() == 0) {
            throw new IllegalArgumentException("memory is on the heap or empty, and cannot be mapped: " + memory);
        }
        vfio.locked(() -> {
            mapHere(iova, memory);
            Access access = memory.isReadOnly() ? Access.READ_ONLY : Access.WRITABLE;
            space.mapped(new IovaRange(iova, memory.byteSize()), memory, access);
        });
    }

    /**
     * Takes note of a mapping that somebody else made in what was adopted. Whatever it was made of, such as a file with
     * {@code IOMMU_IOAS_MAP_FILE}, devices are taken to be able to write there.
     *
     * @param mapping exactly as it was mapped
     * @throws IllegalArgumentException if it is empty, wraps, or overlaps one of {@link #mappings} without being it
     */
    public final void adoptMapping(IovaRange mapping) {
        if (mapping.length() == 0 || Unsigned.less(mapping.lastIova(), mapping.iova())) {
            throw new IllegalArgumentException(mapping + " is empty or wraps");
        }
        vfio.locked(() -> {
            List<Unit> there = space.mappings.within(mapping);
            if (there.isEmpty()) {
                space.mapped(mapping, MemorySegment.NULL, Access.WRITABLE);
            } else if (!space.mappings.contains(mapping)) {
                throw new IllegalArgumentException(
                        mapping + " overlaps the mapping " + there.getFirst().range());
            }
        });
    }

    /**
     * Takes note that somebody else is about to unmap what was adopted; call this before it is unmapped. From then on the
     * sessions that track here report its addresses as dirty, as after {@link #unmap}.
     *
     * @param mapping exactly one of {@link #mappings}
     * @throws IllegalArgumentException if it is not one of them
     */
    public final void forgetMapping(IovaRange mapping) {
        vfio.locked(() -> {
            requireMapped(mapping);
            space.unmapped(mapping, true);
        });
    }

    private void requireMapped(IovaRange mapping) {
        if (!space.mappings.contains(mapping)) {
            throw new IllegalArgumentException(mapping + " is none of the mappings");
        }
    }

    /**
     * Takes note of a device that somebody else is about to attach here; call this before it is attached. It counts as one
     * that can write, and joins the sessions that run here. Behind IOMMUFD it has to be attached to one of the page tables that
     * were adopted; {@link IommufdSpace#adoptDevice(int, int)} names another.
     *
     * @param fd its file descriptor
     * @return the device; closing it leaves the file descriptor open
     * @throws IllegalArgumentException if the device is in another address space
     */
    public final VfioDevice adoptDevice(int fd) {
        return vfio.adoptDevice(fd, this);
    }

    /**
     * Unmaps. From then on sessions in which the container or the page tables track report the addresses as dirty, since
     * nothing vouches for them any more. If something is mapped there again, all of it is dirty once, since no call takes the
     * dirt of a mapping at the moment that it goes, and then what is written. A device's own log goes on as before.
     *
     * @param mapping exactly one of {@link #mappings}
     * @throws IllegalArgumentException if it is not one of them
     * @throws IoctlException if the kernel refuses; the mapping stays in the list, and is dirty until it is gone or made again
     */
    public final void unmap(IovaRange mapping) {
        vfio.locked(() -> {
            requireMapped(mapping);
            boolean gone = false;
            try {
                unmapHere(mapping);
                gone = true;
            } finally {
                space.unmapped(mapping, gone);
            }
        });
    }

    /**
     * Closes what was opened, and nothing that was adopted. Closing again does nothing.
     *
     * @throws IllegalStateException if a session tracks here, or a device is open that can write to what is mapped here; unless
     *     somebody else has adopted the same and it stays open
     */
    @Override
    public final void close() {
        vfio.locked(() -> {
            if (!closed) {
                space.release();
                closed = true;
                closeHere();
            }
        });
    }

    @Override
    public final String toString() {
        return descriptor.toString();
    }
}
