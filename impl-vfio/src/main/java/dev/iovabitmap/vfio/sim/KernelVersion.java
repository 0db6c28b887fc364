package dev.iovabitmap.vfio.sim;

import java.util.Set;

/** The kernels whose differences are simulated. */
public enum KernelVersion {
    /** Linux 6.1 (6.1.192): no IOMMUFD, no device by its own file; device logging in windows of 2 MiB of bitmap. */
    V6_1,
    /** Linux 6.12 (6.12.117): one window for a whole report, whose pages are pinned as they are marked. */
    V6_12;

    /** {@return what every kernel of this version does, so that a simulated one does it unless it is told not to} */
    public Set<Misbehaviour> misbehaviours() {
        return switch (this) {
            case V6_1 -> Set.of(Misbehaviour.STRAY_BITS, Misbehaviour.TYPE1_STAYS_SHIFTED);
            case V6_12 ->
                Set.of(
                        Misbehaviour.STRAY_BITS,
                        Misbehaviour.TYPE1_STAYS_SHIFTED,
                        Misbehaviour.PIN_FAILURE_IS_SILENT,
                        Misbehaviour.HOLE_HIDES_THE_REST,
                        Misbehaviour.ENABLE_WIPES);
        };
    }

    /** Such as {@code 6.12.0}. */
    String release() {
        return name().substring(1).replace('_', '.') + ".0";
    }

    boolean hasIommufd() {
        return this != V6_1;
    }

    /** Whether the kernel's bitmap pins a window at a time before a driver is asked, as it did until 6.10. */
    boolean hasWindows() {
        return this == V6_1;
    }
}
