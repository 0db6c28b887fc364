package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.NotVerifiedException;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.BoundedFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Verifies a certificate, offline. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Verifies that a certificate is what the suite wrote: every file, every rule, the verdict.",
            "A verified report may well say NOT CERTIFIED: see --certified."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:verified",
            "1:not verified",
            "2:usage: no such directory, a file that has no key",
            "3:the harness itself failed"
        })
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private CertificateArgument directory = new CertificateArgument();

    @Option(
            names = "--subject",
            paramLabel = "JAR",
            description = "Demands that the certificate speaks of exactly this jar.")
    private @Nullable String subject;

    @Option(
            names = "--simulated",
            paramLabel = "DIR",
            description = {
                "Demands the simulated report that a certificate at tier kernel or hardware rests on: its directory,",
                "or one with it inside. By default it is checked if it lies beside the certificate."
            })
    private @Nullable String simulated;

    @Option(names = "--certified", description = "Demands the verdict CERTIFIED, without waivers.")
    private boolean certified;

    @Mixin
    private SignatureOptions signature = new SignatureOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path path = directory.path();
        Path reports = simulated == null ? null : NamedPath.directory(simulated);
        Trust trust = signature.trust();
        String jar = subject == null ? null : digest(subject);
        PrintWriter out = spec.commandLine().getOut();
        try {
            Certificate certificate = Certificate.verify(path, trust, reports);
            checkDemands(certificate, jar);
            new CertificateText(out).print(certificate, trust.key());
            out.flush();
            return ExitCode.CERTIFIED;
        } catch (NotVerifiedException wrong) {
            out.println(Printable.of("NOT VERIFIED: " + directory + ": " + wrong.getMessage()));
            out.flush();
            return ExitCode.NOT_CERTIFIED;
        }
    }

    private void checkDemands(Certificate certificate, @Nullable String jar) throws NotVerifiedException {
        if (jar != null) {
            certificate.checkSubject(jar);
        }
        if (certified) {
            certificate.checkCertified();
        }
    }

    private static String digest(String file) {
        try {
            return BoundedFile.sha256(NamedPath.file("--subject", file).toRealPath(), Long.MAX_VALUE);
        } catch (IOException unreadable) {
            throw new UsageException("--subject '" + file + "' cannot be read");
        }
    }
}
