package dev.iovabitmap.vfio.sim;

/** The kernels whose differences are simulated. */
public enum KernelVersion {
    /** Linux 6.1: no IOMMUFD, no device by its own file; logging in windows of 2 MiB of bitmap. */
    V6_1,
    /** Linux 6.12. */
    V6_12
}
