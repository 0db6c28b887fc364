package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a verifier goes by.
 *
 * @param suite the suite that verifies
 * @param suites the SHA-256 of further jars of this version of the suite that are trusted, in hex
 * @param catalogue the rules
 * @param today on which day waivers have to hold
 * @param key whose signature there has to be, or null
 */
public record Trust(
        Report.Suite suite,
        Set<String> suites,
        RuleCatalogue catalogue,
        LocalDate today,
        @Nullable PublicKey key) {
    private static final String SIBLINGS = "suites.txt";

    /**
     * Returns the digests of the other jars that were built with the one that this suite runs from: the library, if this is
     * the runnable jar.
     */
    public static Set<String> siblings() {
        try (InputStream in = Trust.class.getResourceAsStream(SIBLINGS)) {
            return in == null
                    ? Set.of()
                    : new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                            .lines()
                            .collect(Collectors.toUnmodifiableSet());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** {@return the same without the demand of a signature} */
    Trust withoutKey() {
        return new Trust(suite, suites, catalogue, today, null);
    }

    void checkSuite(Report.Suite named) throws NotVerifiedException {
        String sha256 = named.sha256();
        if (Objects.equals(sha256, suite.sha256()) || (sha256 != null && suites.contains(sha256))) {
            return;
        }
        throw new NotVerifiedException("it was made by "
                + (sha256 == null
                        ? "classes of the suite from a directory"
                        : "a suite whose jar has the SHA-256 " + sha256)
                + ", which is not the suite that verifies; if you trust that one, say --suite SHA256");
    }
}
