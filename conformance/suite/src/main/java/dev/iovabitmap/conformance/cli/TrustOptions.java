package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
        return trust(null);
    }

    /** {@return the trust that asks for a signature by a key, if there is one} */
    Trust trust(@Nullable PublicKey key) {
        Set<String> trusted = new HashSet<>(Trust.siblings());
        for (String suite : suites) {
            if (!suite.matches("[0-9a-f]{64}")) {
                throw new UsageException("--suite '" + suite + "' is no SHA-256 of 64 digits, in lower case");
            }
            trusted.add(suite);
        }
        try {
            return new Trust(Reports.thisSuite(), trusted, RuleCatalogue.load(), Today.get(), key);
        } catch (IOException failed) {
            throw new HarnessException("the jar of the suite cannot be read: " + failed.getMessage(), failed);
        }
    }
}
