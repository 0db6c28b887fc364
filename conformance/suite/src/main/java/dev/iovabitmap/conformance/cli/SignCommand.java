package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.Keys;
import dev.iovabitmap.conformance.certificate.NotVerifiedException;
import dev.iovabitmap.conformance.certificate.Signer;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.FileReason;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Signs a certificate. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Verifies a certificate and signs its statement: statement.dsse.json, a DSSE envelope.",
            "A second key adds a second signature."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:signed",
            "1:not verified, so not signed",
            "2:usage: no such directory, a file that has no key",
            "3:the harness itself failed"
        })
final class SignCommand implements Callable<Integer> {
    @Mixin
    private CertificateArgument directory = new CertificateArgument();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            required = true,
            description = "Signs with this key: a PEM file (PKCS#8) with an Ed25519 private key.")
    private String key = "";

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path path = directory.path();
        PrivateKey secret = secret();
        PrintWriter out = spec.commandLine().getOut();
        try {
            Certificate certificate = Signer.sign(path, secret, trust.trust());
            out.println(Printable.of("signed " + directory));
            new CertificateText(out).print(certificate, Signer.publicKey(secret));
            out.flush();
            return ExitCode.CERTIFIED;
        } catch (NotVerifiedException wrong) {
            out.println(Printable.of("NOT SIGNED: " + directory + ": " + wrong.getMessage()));
            out.flush();
            return ExitCode.NOT_CERTIFIED;
        } catch (GeneralSecurityException failed) {
            throw new UsageException("--key '" + key + "': " + failed.getMessage());
        } catch (IOException failed) {
            throw new HarnessException("'" + directory + "' cannot be written: " + FileReason.of(failed), failed);
        }
    }

    private PrivateKey secret() {
        try {
            return Keys.readPrivate(NamedPath.file("--key", key));
        } catch (IOException | IllegalArgumentException wrong) {
            throw new UsageException("--key '" + key + "': " + wrong.getMessage());
        }
    }
}
