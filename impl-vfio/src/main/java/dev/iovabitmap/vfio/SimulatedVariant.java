package dev.iovabitmap.vfio;

import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kernels, drivers and devices that a transport is held against in simulation: each version, plain and misbehaving. */
record SimulatedVariant(KernelVersion version, Set<Misbehaviour> misbehaviours, boolean everythingPinned) {
    private static final List<Set<Misbehaviour>> OF_LOGGING = List.of(
            Set.of(),
            Set.of(Misbehaviour.GRANULE_64K),
            Set.of(Misbehaviour.GRANULE_2M),
            Set.of(Misbehaviour.GRANULE_64K, Misbehaviour.WHOLE_GRANULE_CLEARED),
            Set.of(Misbehaviour.GRANULE_2M, Misbehaviour.WHOLE_GRANULE_CLEARED),
            Set.of(Misbehaviour.GRANULE_64K, Misbehaviour.GRANULE_BELOW_REPORT_DROPPED),
            Set.of(Misbehaviour.GRANULE_2M, Misbehaviour.GRANULE_BELOW_REPORT_DROPPED),
            Set.of(Misbehaviour.ACKNOWLEDGES_64_PAGES),
            Set.of(Misbehaviour.FEW_RANGES),
            Set.of(Misbehaviour.COMBINES_RANGES),
            Set.of(Misbehaviour.SMALL_RANGES_REFUSED),
            Misbehaviour.pds(),
            Misbehaviour.mlx5());

    private static final List<Set<Misbehaviour>> OF_PAGE_TABLES = List.of(
            Set.of(), Set.of(Misbehaviour.HUGE_ENTRIES), Set.of(Misbehaviour.HUGE_ENTRIES, Misbehaviour.WALK_SKIPS));

    static List<SimulatedVariant> of(SimulatedTransport transport) {
        return switch (transport) {
            case LOG ->
                versions(KernelVersion.values())
                        .flatMap(version -> each(version, OF_LOGGING))
                        .toList();
            case TYPE1 -> {
                List<SimulatedVariant> variants = new ArrayList<>();
                for (KernelVersion version : KernelVersion.values()) {
                    variants.add(new SimulatedVariant(version, Set.of(), false));
                    variants.add(new SimulatedVariant(version, Set.of(), true));
                }
                yield variants;
            }
            case IOMMUFD -> // of the others only 6.19 differs, and only where the IOMMU is AMD's
                Stream.concat(
                                each(KernelVersion.V6_12, OF_PAGE_TABLES),
                                Stream.of(new SimulatedVariant(KernelVersion.V6_19, Set.of(), false)))
                        .toList();
        };
    }

    private static Stream<KernelVersion> versions(KernelVersion... versions) {
        return Stream.of(versions);
    }

    private static Stream<SimulatedVariant> each(KernelVersion version, List<Set<Misbehaviour>> misbehaviours) {
        return misbehaviours.stream().map(some -> new SimulatedVariant(version, some, false));
    }

    /** Such as {@code 6.12-granule-64k-whole-granule-cleared}. */
    String name() {
        String number = version.name().substring(1).replace('_', '.');
        return number + suffix() + (everythingPinned ? "-everything-pinned" : "");
    }

    private String suffix() {
        if (misbehaviours.equals(Misbehaviour.pds())) {
            return "-pds";
        }
        if (misbehaviours.equals(Misbehaviour.mlx5())) {
            return "-mlx5";
        }
        return misbehaviours.stream()
                .sorted()
                .map(misbehaviour ->
                        "-" + misbehaviour.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining());
    }
}
