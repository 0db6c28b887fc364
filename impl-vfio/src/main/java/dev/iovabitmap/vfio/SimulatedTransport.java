package dev.iovabitmap.vfio;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a harness tracks with. */
enum SimulatedTransport {
    LOG,
    TYPE1,
    IOMMUFD;

    static SimulatedTransport named(String name) {
        return Arrays.stream(values())
                .filter(transport -> transport.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "transport '" + name + "' is none of " + String.join(", ", names())));
    }

    static List<String> names() {
        return Arrays.stream(values()).map(SimulatedTransport::toString).toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
