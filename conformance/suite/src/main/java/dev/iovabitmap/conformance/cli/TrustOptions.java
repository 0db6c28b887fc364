package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Keys;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the commands that verify have in common. */
final class TrustOptions {
    @Option(
            names = "--suite",
            paramLabel = "SHA256",
            description = "Also trusts a jar of this version of the suite that has this digest; can be repeated.")
    private List<String> suites = List.of();

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

    static Path directory(String text) {
        Path path = path("DIR", text);
        if (!Files.isDirectory(path)) {
            throw new UsageException("'" + text + "' is no directory");
        }
        return path;
    }

    static Path file(String option, String text) {
        Path path = path(option, text);
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw new UsageException(option + " '" + text + "' is no file that can be read");
        }
        return path;
    }

    static PublicKey publicKey(String option, String text) {
        try {
            return Keys.readPublic(file(option, text));
        } catch (IOException | IllegalArgumentException wrong) {
            throw new UsageException(option + " '" + text + "': " + wrong.getMessage());
        }
    }

    static Path path(String option, String text) {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException odd) {
            throw new UsageException(option + " '" + text + "' is no path");
        }
        throw new UsageException(option + " '' is no path");
    }
}
