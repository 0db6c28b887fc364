package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.uapi.Errno;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which devices are bound to VFIO, and what can track each. */
final class DeviceFindings {
    static final List<String> BUSES = List.of("pci", "platform", "mdev");

    private static final int MOST = 32;
    private static final String EXAMPLE = "driverctl set-override 0000:BB:DD.F vfio-pci";

    private final HostFiles files;
    private final HostAccess access;
    private final ThisProcess process;

    /** What opening a device gave. */
    private static final class Ways {
        final Set<String> tracked = new LinkedHashSet<>();
        final List<String> failed = new ArrayList<>();
        boolean denied;
        boolean busy;
    }

    DeviceFindings(HostFiles files, HostAccess access, ThisProcess process) {
        this.files = files;
        this.access = access;
        this.process = process;
    }

    /** Drivers that hand devices out have it in their name: vfio-pci, mlx5_vfio_pci, hisi-acc-vfio-pci. */
    static boolean isVfioDriver(String driver) {
        return driver.toLowerCase(Locale.ROOT).contains("vfio");
    }

    List<Finding> of(@Nullable String asked) {
        List<HostDevice> all = new ArrayList<>();
        for (String bus : BUSES) {
            files.list("/sys/bus/" + bus + "/devices").forEach(name -> all.add(HostDevice.of(files, bus, name)));
        }
        if (asked != null) {
            return all.stream()
                    .filter(device -> device.isNamed(asked))
                    .findFirst()
                    .map(device -> List.of(examine(device)))
                    .orElse(List.of(Finding.missing(
                            "device", "there is no device '" + asked + "' here", "lspci -Dnn (lists those that are)")));
        }
        List<HostDevice> bound = all.stream().filter(HostDevice::isBoundToVfio).toList();
        if (bound.isEmpty()) {
            return List.of(
                    Finding.missing("devices", "none of " + all.size() + " is bound to a driver of VFIO", EXAMPLE));
        }
        List<Finding> findings = new ArrayList<>();
        bound.stream().limit(MOST).map(this::examine).forEach(findings::add);
        if (bound.size() > MOST) {
            findings.add(Finding.unknown("devices", (bound.size() - MOST) + " more, which were not looked at"));
        }
        return findings;
    }

    private Finding examine(HostDevice device) {
        String name = "device " + device.name();
        if (!device.isBoundToVfio()) {
            String driver = device.driver().orElse("none");
            String lost = device.carries(files)
                    .map(what -> "; the host uses it (" + what + ") and loses that if it is bound to another")
                    .orElse("");
            return Finding.missing(
                    name,
                    "its driver is " + driver + ", which does not hand it to VFIO" + lost,
                    "driverctl set-override " + device.name() + " vfio-pci (or the vendor's driver that can log)");
        }
        String is = "driver " + device.driver().orElse("") + ", group "
                + device.group().orElse("none");
        if (device.group().isEmpty() && device.cdev().isEmpty()) {
            return Finding.missing(name, is + ": without an IOMMU group nothing can open it", "");
        }
        List<String> others = device.inTheWay(files);
        if (!others.isEmpty()) {
            String commands = others.stream()
                    .limit(MOST)
                    .map(other -> "driverctl set-override " + other + " vfio-pci")
                    .collect(Collectors.joining(" && "));
            return Finding.missing(
                    name, is + ": " + Text.some(others) + " of its group is bound to another driver", commands);
        }
        if (access.calls().isEmpty()) {
            return Finding.unknown(name, is + "; it cannot be asked: " + access.whyNot());
        }
        return judge(device, is, open(access.calls().get().trackers(), device));
    }

    private Finding judge(HostDevice device, String is, Ways ways) {
        String name = "device " + device.name();
        if (!ways.tracked.isEmpty()) {
            return Finding.ok(name, is + ", tracked by " + String.join(", ", ways.tracked));
        }
        String nodes = List.of(device.groupPath(), device.cdevPath()).stream()
                .flatMap(Optional::stream)
                .filter(files::exists)
                .map(node -> node + " is " + files.permissions(node))
                .collect(Collectors.joining(", "));
        String what = is
                + (nodes.isEmpty() ? "" : ", " + nodes)
                + (ways.failed.isEmpty() ? "" : "; " + String.join("; ", ways.failed));
        if (ways.denied) {
            return Finding.missing(name, what, Udev.permit(process.user()));
        }
        if (ways.busy) {
            return Finding.missing(
                    name,
                    what + ": somebody else uses it",
                    "fuser -v " + device.groupPath().orElse("/dev/vfio/*"));
        }
        if (!ways.failed.isEmpty()) {
            return Finding.missing(name, what, "dmesg | tail -n 20");
        }
        return Finding.missing(
                name,
                what + ": neither the device nor its IOMMU tracks, so every page counts as dirty",
                "driverctl set-override " + device.name()
                        + " DRIVER (the vendor's, such as mlx5_vfio_pci; vfio-pci never logs)");
    }

    /** By its group and by its own file, one after the other: the kernel allows one at a time. */
    private Ways open(HostAccess.Trackers trackers, HostDevice device) {
        Ways ways = new Ways();
        device.groupPath()
                .filter(files::exists)
                .ifPresent(path -> attempt(ways, path, () -> trackers.ofGroup(Path.of(path), device.name())));
        device.cdevPath()
                .filter(files::exists)
                .ifPresent(path -> attempt(ways, path, () -> trackers.ofFile(Path.of(path))));
        return ways;
    }

    private static void attempt(Ways ways, String path, Supplier<List<String>> opening) {
        try {
            ways.tracked.addAll(opening.get());
        } catch (IoctlException failed) {
            ways.denied |= failed.errno() == Errno.EACCES || failed.errno() == Errno.EPERM;
            ways.busy |= failed.errno() == Errno.EBUSY;
            ways.failed.add(path + ": " + failed.call() + " says " + Errno.name(failed.errno()));
        } catch (IllegalStateException cannot) {
            ways.failed.add(path + ": " + cannot.getMessage());
        }
    }
}
