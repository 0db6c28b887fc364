package dev.iovabitmap.vfio.sim;

/**
 * What a simulated kernel holds for its callers.
 *
 * @param descriptors open file descriptors
 * @param files open files, also those without a descriptor that another file keeps open
 * @param mappings of containers and of IOMMUFD address spaces
 * @param objects of IOMMUFD: address spaces, page tables and bound devices
 * @param trackingSessions devices that log, and containers and page tables that track
 * @param pinnedBytes of mapped memory, unsigned
 */
public record Held(int descriptors, int files, int mappings, int objects, int trackingSessions, long pinnedBytes) {
    /** Nothing at all. */
    public static final Held NOTHING = new Held(0, 0, 0, 0, 0, 0);

    Held plus(Held other) {
        return new Held(
                descriptors + other.descriptors,
                files + other.files,
                mappings + other.mappings,
                objects + other.objects,
                trackingSessions + other.trackingSessions,
                pinnedBytes + other.pinnedBytes);
    }
}
