package dev.iovabitmap.conformance.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/**
 * The class path of child JVMs. The suite is first, so that no vendor's jar that bundles a copy of it replaces what judges;
 * then what the user named; then the backends that the launcher brings, which the user's own classes of that name replace.
 */
final class ClassPath {
    /** The property by which the launcher names the jars of its backends. */
    static final String BACKENDS = "iova-bitmap.backends";

    private ClassPath() {}

    /** {@return the class path with the user's entries, all absolute} */
    static List<Path> with(String added) {
        List<Path> path = new ArrayList<>(ofSuite());
        for (String entry : added.split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                path.addAll(entry(entry));
            }
        }
        path.addAll(listedIn(BACKENDS));
        return List.copyOf(path);
    }

    /** {@return what this JVM was started with} */
    static List<Path> ofSuite() {
        List<Path> path = new ArrayList<>(listedIn("java.class.path"));
        path.addAll(listedIn("jdk.module.path"));
        return List.copyOf(path);
    }

    private static List<Path> listedIn(String property) {
        return Arrays.stream(System.getProperty(property, "").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath())
                .toList();
    }

    private static List<Path> entry(String entry) {
        if (entry.equals("*") || entry.endsWith(File.separator + "*")) {
            return jarsIn(entry);
        }
        Path path = pathOf(entry);
        if (!Files.exists(path)) {
            throw new UsageException("the class path entry '" + entry + "' does not exist");
        }
        if (!Files.isReadable(path)) {
            throw new UsageException("the class path entry '" + entry + "' cannot be read");
        }
        if (!Files.isDirectory(path)) {
            try (ZipFile jar = new ZipFile(path.toFile())) {
                jar.size();
            } catch (IOException broken) {
                throw new UsageException("the class path entry '" + entry + "' is neither a jar nor a directory");
            }
        }
        return List.of(path.toAbsolutePath());
    }

    private static List<Path> jarsIn(String entry) {
        Path directory = pathOf(entry.substring(0, entry.length() - 1)).toAbsolutePath();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
            TreeSet<Path> sorted = new TreeSet<>();
            jars.forEach(sorted::add);
            return List.copyOf(sorted);
        } catch (IOException broken) {
            throw new UsageException("the class path entry '" + entry + "' names no readable directory");
        }
    }

    private static Path pathOf(String entry) {
        try {
            return Path.of(entry);
        } catch (InvalidPathException odd) {
            throw new UsageException("the class path entry '" + entry + "' is no path");
        }
    }
}
