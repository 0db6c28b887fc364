package dev.iovabitmap.conformance.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a child JVM is told in the first line that it reads.
 *
 * @param nonce what each of its events begins with
 * @param provider the class to examine, or null to list the providers on the class path
 * @param order what to run on it, or null only to ask it what it is
 * @param skip classes that must not be touched again
 */
record Job(
        String nonce, @Nullable String provider, @Nullable Order order, List<String> skip) {}
