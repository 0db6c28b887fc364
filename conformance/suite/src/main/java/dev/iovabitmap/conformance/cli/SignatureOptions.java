package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Keys;
import dev.iovabitmap.conformance.certificate.Trust;
import java.io.IOException;
import java.security.PublicKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a third party asks of each certificate: whose suite made it, and whose key signed it. */
final class SignatureOptions {
    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Demands a signature by this key: a PEM file with an Ed25519 public key.")
    private @Nullable String key;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    /** {@return the trust, with the key whose signature there has to be, if one was given} */
    Trust trust() {
        return trust.trust().withKey(key == null ? null : publicKey(key));
    }

    private static PublicKey publicKey(String text) {
        try {
            return Keys.readPublic(NamedPath.file("--key", text));
        } catch (IOException | IllegalArgumentException wrong) {
            throw new UsageException("--key '" + text + "': " + wrong.getMessage());
        }
    }
}
