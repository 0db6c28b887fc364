package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.files.FileReason;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Whose reports are believed: those of this suite, and of the jars that somebody names. */
final class TrustOptions {
    @Option(
            names = "--suite",
            paramLabel = "SHA256",
            description = "Also trusts a jar of this version of the suite that has this digest; can be repeated.")
    private List<String> suites = List.of();

    /** {@return the trust that asks for no signature} */
    Trust trust() {
        for (String suite : suites) {
            if (!suite.matches("[0-9a-f]{64}")) {
                throw new UsageException("--suite '" + suite + "' is no SHA-256 of 64 digits, in lower case");
            }
        }
        try {
            return Trust.here(Set.copyOf(suites), Today.get());
        } catch (IOException failed) {
            throw new HarnessException("the jar of the suite cannot be read: " + FileReason.of(failed), failed);
        }
    }

    /** {@return the words that say the same again} */
    List<String> again() {
        return suites.stream().flatMap(suite -> Stream.of("--suite", suite)).toList();
    }
}
