package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.Feature;
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
 * @param unavailable why it cannot work here, or null if it can
 */
public record Description(
        String name,
        String version,
        String provider,
        @Nullable String location,
        Set<Feature> features,
        @Nullable String unavailable) {}
