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
 * @param skip the classes, or the tests, that an earlier child came to
 */
record ChildRequest(
        String nonce,
        @Nullable String provider,
        @Nullable Order order,
        @Nullable Map<String, String> examine,
        List<String> skip) {
    static ChildRequest certify(String nonce, String provider, Order order, List<String> skip) {
        return new ChildRequest(nonce, provider, order, null, skip);
    }

    static ChildRequest ask(String nonce, String provider) {
        return new ChildRequest(nonce, provider, null, null, List.of());
    }

    static ChildRequest examine(String nonce, String provider, Map<String, String> options) {
        return new ChildRequest(nonce, provider, null, options, List.of());
    }

    static ChildRequest list(String nonce, List<String> skip) {
        return new ChildRequest(nonce, null, null, null, skip);
    }
}
