package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.vfio.sys.Host;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

// Read in the source of Linux 6.19, not seen on a running kernel: its generic page-table code, which AMD's driver then
// uses, takes the last item of a contiguous entry for the end of what it records, and clears the dirt of the whole
// entry.
// Of 2^n items 2^n - 1 are reported. Without huge pages an address space has no contiguous entries.

/** Kernels whose AMD IOMMU driver loses the dirt of the last page of a contiguous entry. */
public final class ContiguousWalk {
    private static final int FIRST_MAJOR = 6;
    private static final int FIRST_MINOR = 19;
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    private ContiguousWalk() {}

    /** {@return whether the host has such an IOMMU and such a kernel; no kernel with a fix is known yet} */
    public static boolean losesDirt(Host host) {
        Matcher release = RELEASE.matcher(host.kernelRelease());
        if (!host.hasAmdIommu() || !release.matches()) {
            return false;
        }
        int major = Integer.parseInt(release.group(1));
        return major > FIRST_MAJOR || (major == FIRST_MAJOR && Integer.parseInt(release.group(2)) >= FIRST_MINOR);
    }
}
