package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.ReportFile;
import dev.iovabitmap.conformance.report.Sums;
import java.io.IOException;
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

    private final Path directory;
    private final SortedSet<String> names;
    private final SortedMap<String, String> sums;

    private CertificateFiles(Path directory, SortedSet<String> names, SortedMap<String, String> sums) {
        this.directory = directory;
        this.names = names;
        this.sums = sums;
    }

    static CertificateFiles of(Path directory) throws NotVerifiedException {
        try {
            SortedSet<String> names = namesIn(directory);
            for (String name : required()) {
                if (!names.contains(name)) {
                    throw new NotVerifiedException(name + " is missing");
                }
            }
            CertificateFiles files = new CertificateFiles(directory, names, sumsOf(directory, names));
            files.checkSums();
            return files;
        } catch (IOException | DirectoryIteratorException failed) {
            throw new NotVerifiedException("it cannot be read: " + Printable.of(String.valueOf(failed)), failed);
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
                if (!ReportDirectory.isOurs(name)) {
                    throw new NotVerifiedException("'" + Printable.of(name) + "' is none of a report's files");
                }
                if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    throw new NotVerifiedException(name + " is no regular file");
                }
                names.add(name);
            }
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

    private void checkSums() throws NotVerifiedException {
        byte[] expected = Sums.of(sums);
        byte[] actual = readUpTo(Sums.NAME, 1 << 16);
        if (Arrays.equals(expected, actual)) {
            return;
        }
        List<String> lines = new String(actual, java.nio.charset.StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
        for (Map.Entry<String, String> sum : sums.entrySet()) {
            if (!lines.contains(sum.getValue() + "  " + sum.getKey())) {
                throw new NotVerifiedException(sum.getKey() + " is not the file that " + Sums.NAME
                        + " speaks of: its SHA-256 is " + sum.getValue());
            }
        }
        throw new NotVerifiedException(Sums.NAME + " is not byte for byte what the files give");
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
            throw new NotVerifiedException(name + " cannot be read: " + Printable.of(String.valueOf(failed)), failed);
        }
    }

    /** Whether a file is byte for byte what follows from the report. */
    void checkFollows(String name, byte[] expected) throws NotVerifiedException {
        if (!BoundedFile.sha256(expected).equals(sums.get(name))) {
            throw new NotVerifiedException(name + " is not what follows from report.json");
        }
    }
}
