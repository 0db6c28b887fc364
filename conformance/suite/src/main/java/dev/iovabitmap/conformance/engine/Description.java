package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.Feature;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of itself.
 *
 * @param name its name
 * @param version its version
 * @param provider the name of its class
 * @param location where the class was loaded from, or null if it does not say
 * @param features its features
 * @param unavailable why it cannot work here, or at the tier that was asked for, or null if it can
 * @param variants the variants of its device; empty at tier memory
 */
public record Description(
        String name,
        String version,
        String provider,
        @Nullable String location,
        Set<Feature> features,
        @Nullable String unavailable,
        List<String> variants) {
    /** Describes a provider without a device. */
    public Description(
            String name,
            String version,
            String provider,
            @Nullable String location,
            Set<Feature> features,
            @Nullable String unavailable) {
        this(name, version, provider, location, features, unavailable, List.of());
    }
}
