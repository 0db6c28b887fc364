package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.files.FileReason;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directory of one subject's report. It holds a whole report or none: the old one goes before the run begins, and the
 * new one comes with a single rename.
 */
public final class ReportDirectory {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,127}");
    private static final int LONGEST_NAME = 64;
    /** Files beside a report that do not follow from it. */
    public static final Set<String> ATTACHMENTS = Set.of("thread-dump.txt", "crash.log", "output.txt");

    /** The name of the signed statement. */
    public static final String ENVELOPE = "statement.dsse.json";

    private static final Set<String> OURS = Stream.of(
                    ReportFile.DOCUMENTS.stream(), ATTACHMENTS.stream(), Stream.of(Sums.NAME, ENVELOPE))
            .flatMap(names -> names)
            .collect(Collectors.toUnmodifiableSet());

    private final Path parent;
    private final Path directory;

    private ReportDirectory(Path parent, Path directory) {
        this.parent = parent;
        this.directory = directory;
    }

    /**
     * Makes sure that reports can be written into a directory.
     *
     * @throws IOException with one sentence why not
     */
    public static void check(Path out) throws IOException {
        try {
            Files.createDirectories(out);
        } catch (IOException failed) {
            throw new IOException(
                    "cannot create the directory '" + out + "' for reports: " + FileReason.of(failed), failed);
        }
        if (!Files.isWritable(out)) {
            throw new IOException("cannot write into the directory '" + out + "' for reports");
        }
    }

    /**
     * Removes what an earlier run left for a subject. A file that no report has is left alone, and refused.
     *
     * @throws IOException with one sentence why not
     */
    public static ReportDirectory prepare(Path out, String name) throws IOException {
        if (!isName(name)) {
            throw new IllegalArgumentException("'" + name + "' is no name of a provider");
        }
        check(out);
        Path parent = out.toRealPath();
        ReportDirectory prepared = new ReportDirectory(parent, parent.resolve(name));
        prepared.removeOld();
        return prepared;
    }

    /** {@return a name made of a class's, for the report of a provider that never said its own} */
    public static String nameOf(String className) {
        String name = className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String started = name.startsWith("-") ? "class" + name : name;
        return started.substring(0, Math.min(started.length(), LONGEST_NAME));
    }

    /** {@return what the subject is called} */
    public String name() {
        return String.valueOf(directory.getFileName());
    }

    /** {@return whether a report may have a file of this name} */
    public static boolean isOurs(String file) {
        return OURS.contains(file);
    }

    /** {@return whether a text can be the name of a report: a provider's name, with a transport, a tier and the kernel of a guest behind it} */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** {@return where the report is or will be} */
    public Path path() {
        return directory;
    }

    private void removeOld() throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("'" + directory + "' is in the way of a report: it is a link or a file");
        }
        List<Path> old;
        try (Stream<Path> files = Files.list(directory)) {
            old = files.toList();
        }
        for (Path file : old) {
            if (!OURS.contains(String.valueOf(file.getFileName()))
                    || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("'" + file + "' is in the way of a report: it is none of its files");
            }
        }
        remove(directory, old);
    }

    /**
     * Writes the report.
     *
     * @throws IOException with one sentence why not
     */
    void write(Map<String, byte[]> files) throws IOException {
        Path fresh = Files.createTempDirectory(parent, "." + directory.getFileName() + "-");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(fresh.resolve(file.getKey()), file.getValue());
            }
            openToOthers(fresh);
            removeOld(); // another run may have finished meanwhile
            try {
                Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException unsupported) {
                Files.move(fresh, directory);
            }
        } catch (IOException failed) {
            remove(fresh, files.keySet().stream().map(fresh::resolve).toList());
            throw new IOException("cannot write the report '" + directory + "': " + FileReason.of(failed), failed);
        }
    }

    /** A temporary directory is for its owner alone, a report is not. */
    private static void openToOthers(Path fresh) throws IOException {
        try {
            Files.setPosixFilePermissions(fresh, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (UnsupportedOperationException notPosix) {
            return;
        }
    }

    private static void remove(Path directory, List<Path> files) throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }
}
