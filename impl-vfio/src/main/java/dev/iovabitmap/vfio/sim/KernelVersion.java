package dev.iovabitmap.vfio.sim;

import java.util.EnumSet;
import java.util.Set;

/** The kernels whose differences are simulated. */
public enum KernelVersion {
    /** Linux 6.1 (6.1.192): no IOMMUFD, no device by its own file; device logging in windows of 2 MiB of bitmap. */
    V6_1,
    /** Linux 6.12 (6.12.117): one window for a whole report, whose pages are pinned as they are marked. */
    V6_12,
    /** Linux 6.18: as 6.12, and type1 maps, reports and unmaps up to the last address of the space. From the source, not run. */
    V6_18,
    /** Linux 6.19: as 6.18, with the generic page tables, which AMD's IOMMUs use. From the source, not run. */
    V6_19;

    /** {@return what every kernel of this version does, so that a simulated one does it unless it is told not to} */
    public Set<Misbehaviour> misbehaviours() {
        return switch (this) {
            case V6_1 -> Set.of(Misbehaviour.STRAY_BITS, Misbehaviour.TYPE1_STAYS_SHIFTED);
            case V6_12, V6_18, V6_19 -> {
                Set<Misbehaviour> all = EnumSet.of(
                        Misbehaviour.STRAY_BITS,
                        Misbehaviour.TYPE1_STAYS_SHIFTED,
                        Misbehaviour.PIN_FAILURE_IS_SILENT,
                        Misbehaviour.HOLE_HIDES_THE_REST,
                        Misbehaviour.ENABLE_WIPES);
                if (this == V6_19) {
                    all.add(Misbehaviour.LAST_ITEM_LOST);
                }
                yield all;
            }
        };
    }

    /** Such as {@code 6.12.0}. */
    String release() {
        return name().substring(1).replace('_', '.') + ".0";
    }

    boolean hasIommufd() {
        return this != V6_1;
    }

    /**
     * Whether type1 finds a mapping that ends at 2^64. Before 6.18 it compared with the end, which wraps to 0: such a
     * mapping could be made, and then neither be reported nor unmapped.
     */
    boolean type1ReachesTheTop() {
        return compareTo(V6_18) >= 0;
    }

    /** Whether the kernel's bitmap pins a window at a time before a driver is asked, as it did until 6.10. */
    boolean hasWindows() {
        return this == V6_1;
    }
}
