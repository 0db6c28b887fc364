package dev.iovabitmap.conformance.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a child JVM is asked to do.
 *
 * @param provider the class to examine, or null to list the providers on the class path
 * @param order what to run on it, or null only to ask it what it is
 * @param examine with which options to let it examine this host, or null not to
 * @param skip the classes, or the tests, that an earlier child came to
 */
record ChildRequest(
        @Nullable String provider,
        @Nullable Order order,
        @Nullable Map<String, String> examine,
        List<String> skip) {
    static ChildRequest certify(String provider, Order order, List<String> skip) {
        return new ChildRequest(provider, order, null, skip);
    }

    static ChildRequest ask(String provider) {
        return new ChildRequest(provider, null, null, List.of());
    }

    static ChildRequest examine(String provider, Map<String, String> options) {
        return new ChildRequest(provider, null, options, List.of());
    }

    static ChildRequest list(List<String> skip) {
        return new ChildRequest(null, null, null, skip);
    }
}
