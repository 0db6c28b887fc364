package dev.iovabitmap.vfio.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A device, alone in its group, and what it has written. */
final class SimulatedDevice {
    private final int number;
    private final boolean logs;
    private final boolean emulatedIommu;
    private final SimulatedIommu iommu;
    private final Intervals written = new Intervals();
    private final Intervals pinned = new Intervals();
    final DeviceLog log;

    /** Its group's open file. */
    @Nullable
    GroupFile group;

    /** Its open files that are in charge of it: any number got from the group, or the one that is bound to IOMMUFD. */
    final List<DeviceFile> owners = new ArrayList<>();

    /** How many files of /dev/vfio/devices are open. */
    int openCdevs;

    SimulatedDevice(SimulatedKernel kernel, int number, boolean logs, boolean emulatedIommu, SimulatedIommu iommu) {
        this.number = number;
        this.logs = logs;
        this.emulatedIommu = emulatedIommu;
        this.iommu = iommu;
        this.log = new DeviceLog(kernel);
    }

    String name() {
        return String.format(Locale.ROOT, "0000:00:%02x.0", number + 1);
    }

    String groupPath() {
        return "/dev/vfio/" + number;
    }

    String cdevPath() {
        return "/dev/vfio/devices/vfio" + number;
    }

    boolean logs() {
        return logs;
    }

    boolean emulatedIommu() {
        return emulatedIommu;
    }

    /** The IOMMU that it is behind. One with an emulated IOMMU has the limits of this one, and no use of it. */
    SimulatedIommu iommu() {
        return iommu;
    }

    /** The first of those in charge. */
    @Nullable
    DeviceFile owner() {
        return owners.isEmpty() ? null : owners.getFirst();
    }

    /** Whether what it writes at an address gets to memory. */
    boolean reaches(long iova) {
        return !owners.isEmpty() && owners.getFirst().reaches(iova);
    }

    /** The truth, which no kernel code looks at. */
    Intervals written() {
        return written;
    }

    /** What the driver of a device with an emulated IOMMU has pinned. */
    Intervals pinned() {
        return pinned;
    }

    void write(long first, long last) {
        written.add(first, last);
        log.write(first, last);
        if (!owners.isEmpty()) {
            owners.getFirst().write(first, last);
        }
    }
}
