package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.Envelope;
import dev.iovabitmap.conformance.certificate.Keys;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.report.GuestKernel;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.io.PrintWriter;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A verified certificate, for people. */
record CertificateText(PrintWriter out) {
    void print(Certificate certificate, @Nullable PublicKey key) {
        Report report = certificate.file().report();
        line("VERIFIED: " + report.name() + " " + report.subject().version() + " is "
                + Wording.of(report.verdict(), certificate.file().judgement().waivedRules()));
        line("tier      " + report.tier() + ": " + Wording.ofTier(report.tier()));
        if (report.transport() != null) {
            line("transport " + report.transport());
        }
        GuestKernel kernel = report.environment().kernel();
        if (kernel != null) {
            line("kernel    " + kernel.inWords());
        }
        if (report.simulated() != null) {
            line("rests on  the simulated report " + report.simulated() + ", "
                    + (certificate.simulated() == null
                            ? "WHICH IS NOT HERE AND WAS NOT CHECKED: --simulated DIR"
                            : "which is verified: " + certificate.simulated()));
        }
        List<String> counts = new ArrayList<>();
        for (Status status : Status.values()) {
            long count = certificate.file().judgement().count(status);
            if (count > 0) {
                counts.add(count + " " + Wording.of(status));
            }
        }
        line("rules     " + String.join(", ", counts) + "; specification " + report.spec() + ", seed " + report.seed());
        String sha256 = report.subject().sha256();
        line("subject   "
                + (sha256 == null
                        ? "classes that came from no jar, so that no digest identifies them"
                        : report.subject().file() + " " + sha256));
        String suite = report.suite().sha256();
        line("suite     " + report.suite().version() + " "
                + (suite == null ? "from a directory, which no digest identifies" : suite));
        line("report    " + certificate.file().sha256() + ", of " + report.date() + "; " + certificate.files()
                + " files, all as they were written");
        for (Waiver waiver : report.waivers()) {
            boolean used = certificate.file().judgement().waivedRules().contains(waiver.rule());
            line((used ? "waiver    " : "unused    ") + waiver.line());
        }
        line(signature(certificate, key));
    }

    private static String signature(Certificate certificate, @Nullable PublicKey key) {
        Envelope envelope = certificate.envelope();
        if (envelope == null) {
            return "UNSIGNED (integrity only)";
        }
        if (key != null && certificate.signed()) {
            return "SIGNED by the key " + Keys.id(key);
        }
        return "SIGNATURE NOT CHECKED (integrity only): no --key was given, it names "
                + envelope.keys().stream().map(Printable::brief).collect(Collectors.joining(", "));
    }

    private void line(String text) {
        out.println(Printable.of(text));
    }
}
