package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.ReportFile;
import dev.iovabitmap.conformance.report.Sums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.SortedMap;
import java.util.TreeMap;

/** Signs certificates. */
public final class Signer {
    private static final long LARGEST = 64L << 20;

    private Signer() {}

    /**
     * Verifies a certificate, signs its statement, and writes that beside it.
     *
     * @return the certificate as it is then, verified
     * @throws NotVerifiedException if it is not worth a signature
     * @throws GeneralSecurityException if the key cannot sign
     * @throws IOException if the directory cannot be written
     */
    public static Certificate sign(Path directory, PrivateKey key, Trust trust)
            throws NotVerifiedException, GeneralSecurityException, IOException {
        Certificate unsigned = Certificate.verify(directory, trust);
        ReportFile file = unsigned.file();
        Envelope before = unsigned.envelope();
        Envelope envelope = before != null ? before : Envelope.around(statement(file));
        byte[] content = envelope.signedWith(key).content();
        SortedMap<String, String> sums = new TreeMap<>();
        file.documents().forEach((name, document) -> sums.put(name, BoundedFile.sha256(document)));
        for (String name : file.report().attachments()) {
            sums.put(name, BoundedFile.sha256(directory.resolve(name), LARGEST));
        }
        sums.put(ReportDirectory.ENVELOPE, BoundedFile.sha256(content));
        replace(directory.resolve(ReportDirectory.ENVELOPE), content);
        replace(directory.resolve(Sums.NAME), Sums.of(sums));
        return Certificate.verify(
                directory,
                new Trust(trust.suite(), trust.suites(), trust.catalogue(), trust.today(), Keys.publicOf(key)));
    }

    /** {@return the public key that belongs to a private one} */
    public static PublicKey publicKey(PrivateKey key) throws GeneralSecurityException {
        return Keys.publicOf(key);
    }

    private static byte[] statement(ReportFile file) {
        byte[] statement = file.documents().get("statement.json");
        if (statement == null) {
            throw new IllegalStateException("a report without a statement");
        }
        return statement;
    }

    /** The new file is whole when it appears; it stands beside the directory until then, where it is nobody's extra file. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path directory = file.toAbsolutePath().normalize().getParent();
        Path parent = directory == null ? null : directory.getParent();
        Path fresh = Files.createTempFile(parent == null ? Path.of(".") : parent, ".signing-", "");
        try {
            Files.write(fresh, content);
            openToOthers(fresh);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** A temporary file is for its owner alone, a certificate is not. */
    private static void openToOthers(Path file) throws IOException {
        try {
            Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        } catch (UnsupportedOperationException notPosix) {
            return;
        }
    }
}
