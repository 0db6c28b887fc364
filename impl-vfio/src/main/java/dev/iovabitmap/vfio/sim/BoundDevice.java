package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import org.jspecify.annotations.Nullable;

/** A device that is bound to IOMMUFD, and the page table that it is attached to. Its driver uses it until it unbinds. */
final class BoundDevice extends IommufdObject {
    private final IommufdFile iommufd;
    private final SimulatedDevice device;
    private @Nullable PageTable attached;

    BoundDevice(IommufdFile iommufd, SimulatedDevice device) {
        this.iommufd = iommufd;
        this.device = device;
        get();
    }

    IommufdFile iommufd() {
        return iommufd;
    }

    /** Whether an IOMMU with dirty tracking translates this device. */
    boolean canTrack() {
        return device.iommu().tracks() && !device.emulatedIommu();
    }

    SimulatedIommu iommu() {
        return device.iommu();
    }

    boolean reaches(long iova) {
        return attached != null && attached.space().within(iova, iova).stream().anyMatch(AddressSpace.Area::writable);
    }

    /** Attaches to a page table, or to an address space through a page table made for it; returns the page table's id. */
    int attach(int id) {
        IommufdObject target = iommufd.objects().get(id, IommufdObject.class);
        PageTable table = switch (target) {
            case PageTable chosen -> chosen;
            case AddressSpace space -> space.automatic(iommufd.objects(), iommu());
            default -> throw new KernelError(Errno.EINVAL);
        };
        KernelError.unless(table.iommu().equals(iommu()) || device.emulatedIommu(), Errno.EINVAL);
        KernelError.unless(!table.tracksDirty() || canTrack(), Errno.EINVAL);
        PageTable before = attached;
        table.get();
        attached = table;
        leave(before);
        return table.id();
    }

    void detach() {
        PageTable before = attached;
        attached = null;
        leave(before);
    }

    private void leave(@Nullable PageTable table) {
        if (table != null) {
            table.put();
            if (table.isAutomatic() && !table.inUse()) {
                iommufd.objects().destroy(table);
            }
        }
    }

    void unbind() {
        detach();
        put();
        iommufd.objects().destroy(this);
    }

    void write(long first, long last) {
        if (attached != null && !device.emulatedIommu()) {
            attached.write(first, last);
        }
    }

    @Override
    void destroy() {
        // Only unbinding destroys it, and that detaches first.
    }

    @Override
    Held held() {
        return Held.NOTHING;
    }
}
