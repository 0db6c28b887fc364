package dev.iovabitmap.vfio;

import dev.iovabitmap.vfio.host.HostAccess;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens a device for a moment to see what tracks it.
 *
 * @param vfio the way to it
 */
record DeviceProbe(Vfio vfio) implements HostAccess.Trackers {
    static HostAccess ofThisHost() {
        try {
            return HostAccess.to(new DeviceProbe(Vfio.linux()), Syscalls.linux());
        } catch (IllegalStateException cannot) {
            return HostAccess.denied(String.valueOf(cannot.getMessage()));
        }
    }

    @Override
    public List<String> ofGroup(Path group, String name) {
        try (Type1Container container = vfio.openContainer(List.of(group));
                VfioDevice device = container.openDevice(name)) {
            return trackers(device, container, "type1");
        }
    }

    @Override
    public List<String> ofFile(Path path) {
        try (IommufdSpace space = vfio.openAddressSpace();
                VfioDevice device = space.openDevice(path)) {
            return trackers(device, space, "iommufd");
        }
    }

    private static List<String> trackers(VfioDevice device, AddressSpace space, String transport) {
        List<String> trackers = new ArrayList<>();
        if (device.canLog()) {
            trackers.add("log");
        }
        if (space.canTrack()) {
            trackers.add(transport);
        }
        return trackers;
    }
}
