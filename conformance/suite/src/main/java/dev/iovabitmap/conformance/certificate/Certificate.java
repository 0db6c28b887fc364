package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.ReportFile;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.report.Wording;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A report that is what it says.
 *
 * @param file the report
 * @param files how many files it has
 * @param envelope the signed statement, or null if it is not signed
 * @param signed whether a signature is by the key that was asked for
 * @param simulated where the verified report is that it rests on, or null if it rests on none or that is not here
 */
public record Certificate(
        ReportFile file,
        int files,
        @Nullable Envelope envelope,
        boolean signed,
        @Nullable Path simulated) {
    static final String REPORT = "report.json";
    static final String STATEMENT = "statement.json";

    /**
     * Verifies a directory, without any network. Every file is held against SHA256SUMS, the report against its schema and the
     * catalogue, its verdict against its tests, and all documents against the report.
     *
     * @throws NotVerifiedException with one sentence on the first thing that is wrong
     */
    public static Certificate verify(Path directory, Trust trust) throws NotVerifiedException {
        return verify(directory, trust, null);
    }

    /**
     * Verifies a directory, and the simulated report that a certificate at tier kernel or hardware rests on.
     *
     * @param simulated where that has to be: its directory, or one of reports; null if it may lie beside or be absent
     * @throws NotVerifiedException with one sentence on the first thing that is wrong
     */
    public static Certificate verify(Path directory, Trust trust, @Nullable Path simulated)
            throws NotVerifiedException {
        return verify(directory, CertificateFiles.of(directory), trust, simulated);
    }

    /** Verifies files whose sums were looked at. */
    static Certificate verify(Path directory, CertificateFiles files, Trust trust, @Nullable Path simulated)
            throws NotVerifiedException {
        Certificate alone = alone(files, trust);
        Path foundation = checkSimulated(directory, alone.file().report(), trust, simulated);
        return new Certificate(alone.file(), alone.files(), alone.envelope(), alone.signed(), foundation);
    }

    /** Verifies it whatever it rests on: a report that names itself as its foundation must not be followed. */
    static Certificate alone(Path directory, Trust trust) throws NotVerifiedException {
        return alone(CertificateFiles.of(directory), trust);
    }

    private static Certificate alone(CertificateFiles files, Trust trust) throws NotVerifiedException {
        ReportFile file = readReport(files.read(REPORT), trust);
        checkDays(file, trust.today());
        checkAttachments(files, file.report());
        for (Map.Entry<String, byte[]> document : file.documents().entrySet()) {
            files.checkFollows(document.getKey(), document.getValue());
        }
        Envelope envelope = null;
        if (files.has(ReportDirectory.ENVELOPE)) {
            envelope = Envelope.read(files.read(ReportDirectory.ENVELOPE));
            envelope.checkPayload(files.read(STATEMENT));
        }
        boolean signed = checkSignature(envelope, trust);
        return new Certificate(file, files.count(), envelope, signed, null);
    }

    /** A report from the future would stretch its waivers; a day of grace is for clocks that differ. */
    private static void checkDays(ReportFile file, LocalDate today) throws NotVerifiedException {
        if (LocalDate.parse(file.report().date()).isAfter(today.plusDays(1))) {
            throw new NotVerifiedException(
                    "its date " + file.report().date() + " lies in the future: today is " + today);
        }
        for (Waiver waiver : file.report().waivers()) {
            if (file.judgement().waivedRules().contains(waiver.rule())
                    && waiver.lastDay().isBefore(today)) {
                throw new NotVerifiedException("its waiver of " + waiver.rule() + " has expired since, on "
                        + waiver.expires() + ": the rule counts as failed");
            }
        }
    }

    private static @Nullable Path checkSimulated(Path directory, Report report, Trust trust, @Nullable Path named)
            throws NotVerifiedException {
        if (report.simulated() == null) {
            return null;
        }
        Path reports =
                named != null ? named : directory.toAbsolutePath().normalize().resolveSibling("");
        Path place = SimulatedReport.placeOf(reports, report.subject().provider(), report.transport());
        if (!SimulatedReport.isThere(place)) {
            if (named == null) {
                return null;
            }
            throw new NotVerifiedException("the simulated report that it rests on is not in " + place);
        }
        try {
            // signed or not: what a signature here says of it is its digest
            ReportFile simulated = alone(place, trust.withoutKey()).file();
            if (!simulated.sha256().equals(report.simulated())) {
                throw new NotVerifiedException("its SHA-256 is " + simulated.sha256() + ", not " + report.simulated());
            }
            SimulatedReport.checkGround(simulated.report(), report);
            return place;
        } catch (NotVerifiedException wrong) {
            throw new NotVerifiedException(
                    place + " is not the simulated report that it rests on: " + wrong.getMessage(), wrong);
        }
    }

    /**
     * Demands that it speaks of a jar.
     *
     * @param sha256 of the jar, in hex
     * @throws NotVerifiedException if it does not
     */
    public void checkSubject(String sha256) throws NotVerifiedException {
        if (!sha256.equals(file.report().subject().sha256())) {
            throw new NotVerifiedException("it speaks of another jar than the one with the SHA-256 " + sha256);
        }
    }

    /**
     * Demands the verdict CERTIFIED, without waivers.
     *
     * @throws NotVerifiedException if it is another
     */
    public void checkCertified() throws NotVerifiedException {
        Report report = file.report();
        if (report.verdict() != Verdict.CERTIFIED) {
            throw new NotVerifiedException("it is intact, and its verdict is " + Wording.of(report.verdict()));
        }
    }

    private static ReportFile readReport(byte[] content, Trust trust) throws NotVerifiedException {
        try {
            String version = ReportFile.suiteVersion(content);
            if (!version.equals(trust.suite().version())) {
                throw new NotVerifiedException("it was made by version " + version + " of the suite, and this is "
                        + trust.suite().version() + ": verify it with that version");
            }
            ReportFile file = ReportFile.read(content, trust.catalogue());
            trust.checkSuite(file.report().suite());
            return file;
        } catch (IllegalArgumentException wrong) {
            throw new NotVerifiedException(REPORT + ": " + wrong.getMessage(), wrong);
        }
    }

    private static void checkAttachments(CertificateFiles files, Report report) throws NotVerifiedException {
        Set<String> named = new TreeSet<>(report.attachments());
        for (String name : List.copyOf(new TreeSet<>(ReportDirectory.ATTACHMENTS))) {
            if (named.contains(name) != files.has(name)) {
                throw new NotVerifiedException(
                        name + (files.has(name) ? " is there, but report.json does not name it" : " is missing"));
            }
        }
    }

    private static boolean checkSignature(@Nullable Envelope envelope, Trust trust) throws NotVerifiedException {
        if (trust.key() == null) {
            return false;
        }
        if (envelope == null) {
            throw new NotVerifiedException("it is not signed, and --key asks for a signature");
        }
        if (!envelope.isSignedBy(trust.key())) {
            throw new NotVerifiedException("no signature is by the key " + Keys.id(trust.key()));
        }
        return true;
    }
}
