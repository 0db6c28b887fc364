package dev.iovabitmap.vfio.mock;

import dev.iovabitmap.vfio.uapi.DirtyMock.Configure;
import java.util.ArrayList;
import java.util.List;

/**
 * What a mock device is like, and how it is reached.
 *
 * @param name how a report calls it
 * @param granule the smallest page size that it grants, in bytes
 * @param behaviour bits of {@link Configure}
 * @param throughCdev whether it is opened by its own file, and not by its group
 */
public record LogVariant(String name, long granule, int behaviour, boolean throughCdev) {
    /** The device as it is. */
    public static final LogVariant PLAIN = new LogVariant("plain", 4096, 0, false);

    private static final long KIB_64 = 1 << 16;
    private static final long MIB_2 = 2 << 20;

    private static final List<LogVariant> BY_GROUP = List.of(
            new LogVariant("granule-64k", KIB_64, 0, false),
            new LogVariant("granule-2m", MIB_2, 0, false),
            new LogVariant("granule-64k-whole-granule-cleared", KIB_64, Configure.WHOLE_GRANULE_CLEAR, false),
            new LogVariant("granule-2m-whole-granule-cleared", MIB_2, Configure.WHOLE_GRANULE_CLEAR, false));

    /** {@return the others, also by its own file if it has one} */
    public static List<LogVariant> of(boolean hasCdev) {
        List<LogVariant> variants = new ArrayList<>(BY_GROUP);
        if (hasCdev) {
            variants.add(new LogVariant("cdev", 4096, 0, true));
            variants.add(new LogVariant(
                    "cdev-granule-2m-whole-granule-cleared", MIB_2, Configure.WHOLE_GRANULE_CLEAR, true));
        }
        return List.copyOf(variants);
    }

    /** {@return the one of a name} */
    public static LogVariant named(String name, List<LogVariant> variants) {
        return variants.stream()
                .filter(variant -> variant.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("variant '" + name + "' is none of "
                        + variants.stream().map(LogVariant::name).toList()));
    }
}
