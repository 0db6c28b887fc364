package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Type1.Dirty;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What the kernel has of VFIO and IOMMUFD, and who may use it. */
final class KernelFindings {
    static final String CONTAINER = "/dev/vfio/vfio";
    static final String IOMMUFD = "/dev/iommu";

    private static final String OTHER_KERNEL =
            "apt-get install --yes linux-image-amd64 && reboot (the stock Debian kernel has it)";

    private KernelFindings() {}

    static List<Finding> of(HostFiles files, KernelConfig config, HostAccess access) {
        List<Finding> findings = new ArrayList<>();
        boolean there = hasVfio(files);
        if (!there && config.of("VFIO") == KernelConfig.Option.OFF) {
            findings.add(Finding.missing(
                    "kernel", "Linux " + config.release() + " was built without CONFIG_VFIO", OTHER_KERNEL));
        } else {
            findings.add(Finding.ok("kernel", "Linux " + config.release()));
            findings.add(modules(files, there));
            findings.add(container(files, access));
        }
        findings.add(iommufd(files, config, access));
        return findings;
    }

    private static boolean hasVfio(HostFiles files) {
        return files.exists("/sys/module/vfio") || files.exists("/sys/class/vfio") || files.exists(CONTAINER);
    }

    private static Finding modules(HostFiles files, boolean there) {
        String name = "vfio modules";
        if (!there) {
            return Finding.missing(name, "vfio is not loaded", "modprobe vfio-pci");
        }
        List<String> drivers = new ArrayList<>();
        for (String bus : DeviceFindings.BUSES) {
            files.list("/sys/bus/" + bus + "/drivers").stream()
                    .filter(DeviceFindings::isVfioDriver)
                    .forEach(drivers::add);
        }
        return drivers.isEmpty()
                ? Finding.missing(name, "vfio is there, and no driver that hands devices to it", "modprobe vfio-pci")
                : Finding.ok(name, "vfio, with the drivers " + Text.some(drivers));
    }

    /** Type1 has answered this call since 5.8; IOMMUFD, which can stand behind the same file, does not know it. */
    private static Finding container(HostFiles files, HostAccess access) {
        String name = CONTAINER;
        if (!files.exists(name)) {
            return Finding.missing(name, "not there: no container with a type1 IOMMU", "modprobe vfio_iommu_type1");
        }
        if (access.calls().isEmpty()) {
            return Finding.unknown(name, files.permissions(name) + "; it cannot be asked");
        }
        int answer;
        try {
            answer = askForDirtyPages(access.calls().get().syscalls(), name);
        } catch (IoctlException failed) {
            return notOpened(files, name, failed);
        }
        if (answer == -Errno.ENOTTY) {
            return Finding.limited(
                    name,
                    "answered by iommufd (CONFIG_IOMMUFD_VFIO_CONTAINER, or a link to /dev/iommu): transport type1 cannot"
                            + " track, and gets ENOTTY",
                    "./iova-bitmap certify with --transport log or --transport iommufd; type1 needs a kernel with"
                            + " CONFIG_VFIO_CONTAINER");
        }
        return Finding.ok(name, files.permissions(name) + ", answered by VFIO itself");
    }

    /** A container without an IOMMU starts nothing, whatever it is asked. */
    private static int askForDirtyPages(Syscalls syscalls, String path) {
        try (Arena arena = Arena.ofConfined();
                Descriptor container = Descriptor.open(syscalls, path)) {
            Caller caller = new Caller(syscalls, arena);
            MemorySegment dirty = caller.struct(Dirty.LAYOUT.byteSize());
            Dirty.ARGSZ.set(dirty, dirty.byteSize());
            return caller.ask(container, Ioctl.VFIO_IOMMU_DIRTY_PAGES, dirty, MemorySegment.NULL);
        }
    }

    private static Finding notOpened(HostFiles files, String path, IoctlException failed) {
        boolean denied = failed.errno() == Errno.EACCES || failed.errno() == Errno.EPERM;
        String what = files.permissions(path) + "; open says " + Errno.name(failed.errno());
        return denied
                ? Finding.missing(path, what, "chmod 0666 " + path + " (its usual mode: it grants no device)")
                : Finding.missing(path, what, "modprobe -a vfio vfio_iommu_type1");
    }

    private static Finding iommufd(HostFiles files, KernelConfig config, HostAccess access) {
        String name = "iommufd";
        if (config.isBefore(6, 7)) {
            return Finding.limited(name, "it tracks since Linux 6.7: no transport iommufd", "");
        }
        if (!files.exists(IOMMUFD)) {
            return config.of("IOMMUFD") == KernelConfig.Option.OFF
                    ? Finding.limited(name, "the kernel was built without CONFIG_IOMMUFD: no transport iommufd", "")
                    : Finding.limited(name, IOMMUFD + " is not there: no transport iommufd", "modprobe iommufd");
        }
        if (config.of("VFIO_DEVICE_CDEV") == KernelConfig.Option.OFF) {
            return Finding.limited(
                    name, "the kernel was built without CONFIG_VFIO_DEVICE_CDEV: VFIO cannot use it", OTHER_KERNEL);
        }
        if (access.calls().isEmpty()) {
            return Finding.unknown(name, files.permissions(IOMMUFD) + "; it cannot be asked");
        }
        try (Descriptor opened = Descriptor.open(access.calls().get().syscalls(), IOMMUFD)) {
            return Finding.ok(name, files.permissions(opened.toString()));
        } catch (IoctlException failed) {
            return Finding.limited(
                    name,
                    files.permissions(IOMMUFD) + "; open says " + Errno.name(failed.errno()),
                    Udev.permit(new ThisProcess(files).user()));
        }
    }
}
