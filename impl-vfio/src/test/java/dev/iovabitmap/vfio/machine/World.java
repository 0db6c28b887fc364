package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.Misbehaviour;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * The kernel and the devices of a script. Each mask has a bit for a device or an IOMMU.
 *
 * @param withoutLog devices that have no log
 * @param emulated devices that have an emulated IOMMU
 * @param second devices that are behind the second IOMMU
 * @param withoutBits IOMMUs that have no dirty bits
 * @param amd IOMMUs that are AMD's
 */
record World(
        KernelVersion version,
        Driver driver,
        int devices,
        int withoutLog,
        int emulated,
        int second,
        int withoutBits,
        int amd) {

    /** What drivers and IOMMUs do. */
    enum Driver {
        PLAIN,
        PDS,
        MLX5,
        COMBINES_AND_ACKNOWLEDGES,
        HUGE,
        HUGE_SKIPS;

        Set<Misbehaviour> misbehaviours() {
            return switch (this) {
                case PLAIN -> EnumSet.noneOf(Misbehaviour.class);
                case PDS -> Misbehaviour.pds();
                case MLX5 -> Misbehaviour.mlx5();
                case COMBINES_AND_ACKNOWLEDGES ->
                    EnumSet.of(Misbehaviour.COMBINES_RANGES, Misbehaviour.ACKNOWLEDGES_64_PAGES);
                case HUGE -> EnumSet.of(Misbehaviour.HUGE_ENTRIES);
                case HUGE_SKIPS -> EnumSet.of(Misbehaviour.HUGE_ENTRIES, Misbehaviour.WALK_SKIPS);
            };
        }
    }

    static World random(Random random) {
        int devices = 1 + random.nextInt(3);
        int all = 1 << devices;
        // 6.1 has no IOMMUFD, and half of what can go wrong is there
        KernelVersion version = random.nextInt(8) == 0
                ? KernelVersion.V6_1
                : pick(new KernelVersion[] {KernelVersion.V6_12, KernelVersion.V6_18, KernelVersion.V6_19}, random);
        return new World(
                version,
                pick(Driver.values(), random),
                devices,
                sometimes(all, random),
                sometimes(all, random),
                sometimes(all, random),
                sometimes(4, random),
                sometimes(4, random));
    }

    /** Nothing in two of three worlds, so that many have no more than one oddity. */
    private static int sometimes(int all, Random random) {
        return random.nextInt(3) == 0 ? random.nextInt(all) : 0;
    }

    private static <T> T pick(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    static World parse(String text) {
        String[] parts = text.split("/");
        int[] numbers = new int[6];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Integer.parseInt(parts[i + 2]);
        }
        return new World(
                KernelVersion.valueOf(parts[0]),
                Driver.valueOf(parts[1]),
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5]);
    }

    SimulatedKernel kernel() {
        SimulatedKernel.Builder builder = SimulatedKernel.builder(version)
                .devices(devices)
                .misbehaving(driver.misbehaviours().toArray(Misbehaviour[]::new));
        for (int i = 0; i < devices; i++) {
            if (has(withoutLog, i)) {
                builder.withoutLog(i);
            }
            if (has(emulated, i)) {
                builder.emulatedIommu(i);
            }
            builder.behindIommu(i, iommuOf(i));
        }
        for (int i = 0; i < 2; i++) {
            if (has(withoutBits, i)) {
                builder.withoutDirtyBits(i);
            }
            if (has(amd, i)) {
                builder.amdIommu(i);
            }
        }
        return builder.build();
    }

    private static boolean has(int mask, int bit) {
        return (mask >> bit & 1) != 0;
    }

    boolean hasIommufd() {
        return version != KernelVersion.V6_1;
    }

    int iommuOf(int device) {
        return second >> device & 1;
    }

    boolean logs(int device) {
        return !has(withoutLog, device);
    }

    boolean isEmulated(int device) {
        return has(emulated, device);
    }

    /** Whether an IOMMU keeps dirty bits of what a device writes. */
    boolean hasBits(int device) {
        return !isEmulated(device) && !has(withoutBits, iommuOf(device));
    }

    boolean isAmd(int device) {
        return has(amd, iommuOf(device));
    }

    /** Whether dirty bits of a device are read by the walk that loses the last item of an entry. */
    boolean losesItems(int device) {
        return version == KernelVersion.V6_19 && isAmd(device) && hasBits(device);
    }

    boolean hasHugeEntries(int device) {
        return isAmd(device) || driver == Driver.HUGE || driver == Driver.HUGE_SKIPS;
    }

    @Override
    public String toString() {
        return version + "/" + driver + "/" + devices + "/" + withoutLog + "/" + emulated + "/" + second + "/"
                + withoutBits + "/" + amd;
    }
}
