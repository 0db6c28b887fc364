package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import dev.iovabitmap.vfio.Probes;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A directory that looks like the root of a host. */
final class FakeHost {
    final Path root;

    FakeHost(Path root) {
        this.root = root;
    }

    /** A host with an Intel IOMMU, VFIO, IOMMUFD and nothing bound, which lacks nothing else. */
    static FakeHost complete(Path root) {
        return new FakeHost(root)
                .file("/proc/cmdline", "quiet intel_iommu=on")
                .file("/proc/sys/kernel/osrelease", "6.12.1-amd64\n")
                .file(
                        "/proc/self/limits",
                        "Max locked memory         unlimited            unlimited            bytes\n")
                .file("/sys/class/iommu/dmar0/intel-iommu/ecap", "280000000000\n")
                .directory("/sys/kernel/iommu_groups/0/devices/0000:00:01.0")
                .directory("/sys/module/vfio")
                .directory("/sys/bus/pci/drivers/vfio-pci")
                .file("/dev/vfio/vfio", "")
                .file("/dev/iommu", "");
    }

    FakeHost file(String path, String text) {
        try {
            Files.createDirectories(root.resolve(path.substring(1)).getParent());
            Files.writeString(root.resolve(path.substring(1)), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeHost packed(String path, String text) {
        file(path, "");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve(path.substring(1))))) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeHost directory(String path) {
        try {
            Files.createDirectories(root.resolve(path.substring(1)));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeHost link(String path, String target) {
        try {
            Files.createDirectories(root.resolve(path.substring(1)).getParent());
            Files.createSymbolicLink(root.resolve(path.substring(1)), Path.of(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeHost without(String path) {
        try {
            Files.delete(root.resolve(path.substring(1)));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Device 0 of the simulated kernel, bound to a driver. */
    FakeHost device(String driver) {
        String path = "/sys/bus/pci/devices/0000:00:01.0";
        return link(path + "/driver", "../../../bus/pci/drivers/" + driver)
                .link(path + "/iommu_group", "../../../kernel/iommu_groups/0")
                .file("/dev/vfio/0", "");
    }

    FakeHost cdev() {
        return directory("/sys/bus/pci/devices/0000:00:01.0/vfio-dev/vfio0").file("/dev/vfio/devices/vfio0", "");
    }

    List<Finding> examine(HostAccess access, @Nullable String device) {
        return HostExamination.of(new HostFiles(root), access, device);
    }

    List<Finding> examine(SimulatedKernel kernel) {
        return examine(Probes.of(kernel), null);
    }

    static Finding named(List<Finding> findings, String name) {
        return findings.stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding '" + name + "' in " + findings));
    }

    static List<Finding> missing(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.status() == Status.MISSING)
                .toList();
    }

    static CallFailure failing(String call, int errno) {
        return new CallFailure(name -> name.startsWith(call), 0, 99, errno, false);
    }
}
