package dev.iovabitmap.vfio.host;

import java.util.List;

/** Lists, as a person reads them. */
final class Text {
    private static final int SHOWN = 8;

    private Text() {}

    /** Some of many. */
    static String some(List<String> names) {
        String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
        return names.size() <= SHOWN ? shown : shown + " and " + (names.size() - SHOWN) + " more";
    }
}
