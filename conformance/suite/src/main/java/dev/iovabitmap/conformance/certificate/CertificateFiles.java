package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.files.FileReason;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.ReportFile;
import dev.iovabitmap.conformance.report.Sums;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a certificate: exactly those that a report has, none of them a link, none too large, each with the sum that
 * SHA256SUMS gives it.
 */
final class CertificateFiles {
    private static final long LARGEST_ATTACHMENT = 64L << 20;
    private static final int LARGEST_DOCUMENT = 32 << 20;
    private static final int LARGEST_SUMS = 1 << 16;

    private final Path directory;
    private final SortedSet<String> names;
    private final SortedMap<String, String> sums;

    private CertificateFiles(Path directory, SortedSet<String> names, SortedMap<String, String> sums) {
        this.directory = directory;
        this.names = names;
        this.sums = sums;
    }

    /** {@return the files of a certificate, each as SHA256SUMS says} */
    static CertificateFiles of(Path directory) throws NotVerifiedException {
        CertificateFiles files = in(directory);
        files.checkSums();
        return files;
    }

    /** {@return the files of a certificate, whatever SHA256SUMS says of them} */
    static CertificateFiles in(Path directory) throws NotVerifiedException {
        try {
            SortedSet<String> names = namesIn(directory);
            for (String name : required()) {
                if (!names.contains(name)) {
                    throw new NotVerifiedException(name + " is missing");
                }
            }
            return new CertificateFiles(directory, names, sumsOf(directory, names));
        } catch (IOException failed) {
            throw new NotVerifiedException("it cannot be read: " + Printable.of(FileReason.of(failed)), failed);
        }
    }

    private static List<String> required() {
        SortedSet<String> required = new TreeSet<>(ReportFile.DOCUMENTS);
        required.add(Sums.NAME);
        return List.copyOf(required);
    }

    /** Stops at the first name that is none of a report's, however many there are. */
    private static SortedSet<String> namesIn(Path directory) throws IOException, NotVerifiedException {
        SortedSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (Signer.isLeftOver(name)) {
                    throw new NotVerifiedException(
                            "'" + name + "' was left by a sign that did not end: sign again, or delete it");
                }
                if (!ReportDirectory.isOurs(name)) {
                    throw new NotVerifiedException("'" + Printable.of(name) + "' is none of a report's files");
                }
                if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    throw new NotVerifiedException(name + " is no regular file");
                }
                names.add(name);
            }
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        return names;
    }

    private static SortedMap<String, String> sumsOf(Path directory, SortedSet<String> names)
            throws IOException, NotVerifiedException {
        SortedMap<String, String> sums = new TreeMap<>();
        for (String name : names) {
            if (!name.equals(Sums.NAME)) {
                try {
                    sums.put(name, BoundedFile.sha256(directory.resolve(name), LARGEST_ATTACHMENT));
                } catch (IllegalArgumentException tooLarge) {
                    throw new NotVerifiedException(name + ": " + tooLarge.getMessage(), tooLarge);
                }
            }
        }
        return sums;
    }

    void checkSums() throws NotVerifiedException {
        byte[] actual = readUpTo(Sums.NAME, LARGEST_SUMS);
        if (Arrays.equals(Sums.of(sums), actual)) {
            return;
        }
        List<String> lines = linesOf(actual);
        for (Map.Entry<String, String> sum : sums.entrySet()) {
            if (!lines.contains(sum.getValue() + "  " + sum.getKey())) {
                throw new NotVerifiedException(sum.getKey() + " is not the file that " + Sums.NAME
                        + " speaks of: its SHA-256 is " + sum.getValue() + hint(sum.getKey()));
            }
        }
        throw new NotVerifiedException(Sums.NAME + " is not byte for byte what the files give");
    }

    private static String hint(String name) {
        return name.equals(ReportDirectory.ENVELOPE)
                ? "; if that is so because a sign did not end, sign again with the same key"
                : "";
    }

    /** {@return whether SHA256SUMS is right but for what it says of one file, if it says anything of that} */
    boolean areRightBut(String name) throws NotVerifiedException {
        SortedMap<String, String> others = new TreeMap<>(sums);
        others.remove(name);
        List<String> said = linesOf(readUpTo(Sums.NAME, LARGEST_SUMS)).stream()
                .filter(line -> !line.endsWith("  " + name))
                .toList();
        return said.equals(linesOf(Sums.of(others)));
    }

    private static List<String> linesOf(byte[] sums) {
        return new String(sums, StandardCharsets.ISO_8859_1).lines().toList();
    }

    /** {@return the SHA-256 of each file but SHA256SUMS, in hex, by name} */
    SortedMap<String, String> sums() {
        return new TreeMap<>(sums);
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** {@return how many there are} */
    int count() {
        return names.size();
    }

    byte[] read(String name) throws NotVerifiedException {
        byte[] content = readUpTo(name, LARGEST_DOCUMENT);
        if (!BoundedFile.sha256(content).equals(sums.get(name))) {
            throw new NotVerifiedException(name + " changed while it was read");
        }
        return content;
    }

    private byte[] readUpTo(String name, int limit) throws NotVerifiedException {
        try {
            return BoundedFile.readNoLink(directory.resolve(name), limit);
        } catch (IllegalArgumentException tooLarge) {
            throw new NotVerifiedException(name + ": " + tooLarge.getMessage(), tooLarge);
        } catch (IOException failed) {
            throw new NotVerifiedException(name + " cannot be read: " + Printable.of(FileReason.of(failed)), failed);
        }
    }

    /** Whether a file is byte for byte what follows from the report. */
    void checkFollows(String name, byte[] expected) throws NotVerifiedException {
        if (!BoundedFile.sha256(expected).equals(sums.get(name))) {
            throw new NotVerifiedException(name + " is not what follows from report.json");
        }
    }
}
