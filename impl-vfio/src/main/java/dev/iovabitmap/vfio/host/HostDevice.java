package dev.iovabitmap.vfio.host;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A device on a bus.
 *
 * @param bus the bus
 * @param name its name there
 * @param driver what it is bound to
 * @param group its IOMMU group
 * @param cdev its own file below /dev/vfio/devices, if it is bound to VFIO and the kernel has such
 */
record HostDevice(String bus, String name, Optional<String> driver, Optional<String> group, Optional<String> cdev) {
    private static final Set<String> SERVICES = Set.of("net", "block", "nvme", "drm", "ata1");

    static HostDevice of(HostFiles files, String bus, String name) {
        String path = "/sys/bus/" + bus + "/devices/" + name;
        return new HostDevice(
                bus,
                name,
                files.link(path + "/driver"),
                files.link(path + "/iommu_group").filter(group -> group.matches("[0-9]{1,9}")),
                files.list(path + "/vfio-dev").stream().findFirst());
    }

    boolean isBoundToVfio() {
        return driver.filter(DeviceFindings::isVfioDriver).isPresent();
    }

    Optional<String> groupPath() {
        return group.map(number -> "/dev/vfio/" + number);
    }

    Optional<String> cdevPath() {
        return cdev.map(node -> "/dev/vfio/devices/" + node);
    }

    /** Whether a person means this one, by its name or a path of it. */
    boolean isNamed(String asked) {
        return asked.equals(name)
                || asked.endsWith("/" + name)
                || groupPath().filter(asked::equals).isPresent()
                || cdevPath().filter(asked::equals).isPresent();
    }

    /** What the host does with it, such as {@code net}, which it loses with the driver. */
    Optional<String> carries(HostFiles files) {
        String path = "/sys/bus/" + bus + "/devices/" + name;
        for (String child : files.list(path)) {
            if (SERVICES.contains(child)) {
                return Optional.of(child);
            }
            if (child.matches("virtio[0-9]+")) {
                Optional<String> behind = files.list(path + "/" + child).stream()
                        .filter(SERVICES::contains)
                        .findFirst();
                if (behind.isPresent()) {
                    return behind;
                }
            }
        }
        return Optional.empty();
    }

    /** The others of its group that keep it from being used: all but bridges have to be bound to VFIO or to nothing. */
    List<String> inTheWay(HostFiles files) {
        if (group.isEmpty()) {
            return List.of();
        }
        return files.list("/sys/kernel/iommu_groups/" + group.get() + "/devices").stream()
                .filter(other -> !other.equals(name))
                .filter(other -> !files.read("/sys/bus/" + bus + "/devices/" + other + "/class")
                        .startsWith("0x06"))
                .map(other -> HostDevice.of(files, bus, other))
                .filter(other -> other.driver.isPresent() && !other.isBoundToVfio())
                .map(HostDevice::name)
                .toList();
    }
}
