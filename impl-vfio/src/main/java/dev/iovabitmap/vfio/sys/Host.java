package dev.iovabitmap.vfio.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What of the host decides how its kernel is called.
 *
 * @param kernelRelease the kernel's release, such as {@code 6.12.117}
 * @param hasAmdIommu whether there is an AMD IOMMU
 */
public record Host(String kernelRelease, boolean hasAmdIommu) {
    /** Reads it below a root; what cannot be read is not there. */
    static Host linux(Path root) {
        return new Host(release(root), hasAmdIommu(root));
    }

    private static String release(Path root) {
        try {
            return Files.readString(root.resolve("proc/sys/kernel/osrelease")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static boolean hasAmdIommu(Path root) {
        try (Stream<Path> iommus = Files.list(root.resolve("sys/class/iommu"))) {
            return iommus.anyMatch(iommu -> Files.exists(iommu.resolve("amd-iommu")));
        } catch (IOException e) {
            return false;
        }
    }
}
