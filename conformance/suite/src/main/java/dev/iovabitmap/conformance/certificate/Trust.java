package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.LocalDate;
import java.util.HashSet;
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
     * Returns the trust in the suite that runs here and in the jars that were built with it, which asks for no signature.
     *
     * @param suites the SHA-256 of further jars
     * @param today on which day waivers have to hold
     * @throws IOException if the jar of the suite cannot be read
     */
    public static Trust here(Set<String> suites, LocalDate today) throws IOException {
        Set<String> trusted = new HashSet<>(siblings());
        trusted.addAll(suites);
        return new Trust(Reports.thisSuite(), trusted, RuleCatalogue.load(), today, null);
    }

    /**
     * Returns the digests of the other jars that were built with the one that this suite runs from: the library, if this is
     * the runnable jar.
     */
    private static Set<String> siblings() {
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
        return withKey(null);
    }

    /** {@return the same with the demand of a signature by a key, or without one} */
    public Trust withKey(@Nullable PublicKey wanted) {
        return new Trust(suite, suites, catalogue, today, wanted);
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
