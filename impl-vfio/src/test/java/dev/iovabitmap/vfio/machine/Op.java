package dev.iovabitmap.vfio.machine;

/** What a step does. Its arguments choose among what is there at that moment, so that a script stays one when steps are left out. */
enum Op {
    /** Opens an address space: of which {@code Vfio}, IOMMUFD or a container, with which groups. */
    SPACE(4),
    /** Opens a device in a space: which space, which device. */
    DEVICE(12),
    /** Closes a device: which. */
    CLOSE_DEVICE(4),
    /** Closes a space: which. */
    CLOSE_SPACE(1),
    /** Maps in a space: which, which place, in one of eight to be read only. */
    MAP(9),
    /** Unmaps in a space: which, which mapping. */
    UNMAP(8),
    /** Somebody else opens an address space and attaches devices: IOMMUFD or a container, which devices. */
    OWNER(3),
    /** Somebody else attaches a device: whose space, which device. */
    OWNER_ATTACH(3),
    /** Somebody else maps: whose space, which place. */
    OWNER_MAP(4),
    /** Somebody else unmaps: whose space, which mapping. */
    OWNER_UNMAP(4),
    /** Somebody else duplicates the descriptor of the space, or closes everything and opens it again under the same numbers. */
    OWNER_REOPEN(2),
    /** Adopts somebody else's space with its devices: of which {@code Vfio}, whose. */
    ADOPT(4),
    /** Adopts one of somebody else's devices for its log alone: of which {@code Vfio}, whose, which. */
    ADOPT_LOG(2),
    /** Starts a session over devices: a bit for each, which ranges, which page size. */
    TRACK(6),
    /** Starts a session over mappings: a bit for each space, which ranges, which page size. */
    TRACK_MAPPINGS(4),
    /** Stops a session: which. */
    STOP(3),
    /** Harvests: which session, from where, how much, by which page size. */
    HARVEST(16),
    /** Peeks: the same. */
    PEEK(3),
    /** A device writes: which, where, how many pages. */
    WRITE(24),
    /** A device writes before a call that is to come: which device, where, how many calls later. */
    WRITE_BETWEEN(10),
    /** A call that is to come fails: which kind, how many of the kind later, with which error, before or after its work. */
    FAIL(4),
    /** A report that is to come fails: how many reports later, with which error, before or after its work. */
    FAIL_REPORT(2);

    final int weight;

    Op(int weight) {
        this.weight = weight;
    }
}
