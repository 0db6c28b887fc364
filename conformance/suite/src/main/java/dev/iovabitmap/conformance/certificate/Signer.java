package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.Sums;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.SortedMap;

/**
 * Signs certificates.
 *
 * <p>Two files change, the envelope and then SHA256SUMS, and no file system changes two at once. Whoever is stopped in between
 * leaves an envelope that SHA256SUMS does not speak of yet: that is refused by whoever verifies it, and signing again with the
 * same key finishes it, since its own signature says that the envelope is right.
 */
public final class Signer {
    /** No name of a report's files begins like this. */
    private static final String UNFINISHED = ".signing-";

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
        return sign(directory, key, trust, () -> {});
    }

    /**
     * Signs.
     *
     * @param step what to do after each change of the directory
     */
    static Certificate sign(Path directory, PrivateKey key, Trust trust, Runnable step)
            throws NotVerifiedException, GeneralSecurityException, IOException {
        PublicKey signer = Keys.publicOf(key);
        removeLeftOvers(directory);
        CertificateFiles files = CertificateFiles.in(directory);
        if (!isUnfinished(files, signer)) {
            files.checkSums();
        }
        Envelope before = Certificate.verify(directory, files, trust, null).envelope();
        Envelope envelope = before != null ? before : Envelope.around(files.read(Certificate.STATEMENT));
        byte[] content = envelope.signedWith(key).content();
        Envelope.read(content); // nothing is written that would not be read again
        SortedMap<String, String> sums = files.sums();
        sums.put(ReportDirectory.ENVELOPE, BoundedFile.sha256(content));
        replace(directory, ReportDirectory.ENVELOPE, content, step);
        replace(directory, Sums.NAME, Sums.of(sums), step);
        return Certificate.verify(directory, trust.withKey(signer));
    }

    /** Whether a sign with the same key got as far as the envelope. */
    private static boolean isUnfinished(CertificateFiles files, PublicKey key) throws NotVerifiedException {
        if (!files.has(ReportDirectory.ENVELOPE) || !files.areRightBut(ReportDirectory.ENVELOPE)) {
            return false;
        }
        Envelope envelope = Envelope.read(files.read(ReportDirectory.ENVELOPE));
        envelope.checkPayload(files.read(Certificate.STATEMENT));
        return envelope.isSignedBy(key);
    }

    /** {@return the public key that belongs to a private one} */
    public static PublicKey publicKey(PrivateKey key) throws GeneralSecurityException {
        return Keys.publicOf(key);
    }

    /** {@return whether a file is one that a sign did not come to rename} */
    static boolean isLeftOver(String name) {
        return name.matches("\\.signing-[0-9]+");
    }

    private static void removeLeftOvers(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, UNFINISHED + "*")) {
            for (Path file : files) {
                if (isLeftOver(String.valueOf(file.getFileName()))
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(file);
                }
            }
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
    }

    /** The new file is whole when it appears. */
    private static void replace(Path directory, String name, byte[] content, Runnable step) throws IOException {
        Path fresh = Files.createTempFile(directory, UNFINISHED, "");
        try {
            Files.write(fresh, content);
            openToOthers(fresh);
            step.run();
            Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            step.run();
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** A temporary file is for its owner alone, a certificate is not. */
    private static void openToOthers(Path file) throws IOException {
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (UnsupportedOperationException notPosix) {
            return;
        }
    }
}
