package dev.iovabitmap.conformance.subject;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the device of a run is reached.
 *
 * @param options what the provider is given, without a variant; empty at tier memory
 * @param variants the names of the variants that the harness has
 */
public record Hardware(Map<String, String> options, List<String> variants) {
    /** There is no device. */
    public static final Hardware NONE = new Hardware(Map.of(), List.of());

    /** The device as it is, which is no variant. */
    public static final String PLAIN = "plain";

    Map<String, String> optionsOf(String variant) {
        Map<String, String> all = new LinkedHashMap<>(options);
        if (!variant.equals(PLAIN)) {
            all.put("variant", variant);
        }
        return all;
    }
}
