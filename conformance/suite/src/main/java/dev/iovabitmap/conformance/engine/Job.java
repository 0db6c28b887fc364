package dev.iovabitmap.conformance.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a child JVM is told in the first line that it reads.
 *
 * @param nonce what each of its events begins with
 * @param provider the class to examine, or null to list the providers on the class path
 * @param order what to run on it, or null only to ask it what it is
 * @param examine with which options to let it examine this host, or null not to
 * @param skip classes that must not be touched again
 */
record Job(
        String nonce,
        @Nullable String provider,
        @Nullable Order order,
        @Nullable Map<String, String> examine,
        List<String> skip) {
    static Job certify(String nonce, String provider, Order order) {
        return new Job(nonce, provider, order, null, List.of());
    }

    static Job ask(String nonce, String provider) {
        return new Job(nonce, provider, null, null, List.of());
    }

    static Job examine(String nonce, String provider, Map<String, String> options) {
        return new Job(nonce, provider, null, options, List.of());
    }

    static Job list(String nonce, List<String> skip) {
        return new Job(nonce, null, null, null, skip);
    }
}
