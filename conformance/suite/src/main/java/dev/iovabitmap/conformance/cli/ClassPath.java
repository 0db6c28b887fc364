package dev.iovabitmap.conformance.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/** The class path of child JVMs: this JVM's own, wherever it has it from, and what the user adds. */
final class ClassPath {
    private ClassPath() {}

    /** {@return the class path with the entries added, all absolute} */
    static List<Path> with(String added) {
        List<Path> path = new ArrayList<>();
        for (String property : List.of("java.class.path", "jdk.module.path")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator, -1)) {
                if (!entry.isEmpty()) {
                    path.add(Path.of(entry).toAbsolutePath());
                }
            }
        }
        for (String entry : added.split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                path.addAll(entry(entry));
            }
        }
        return List.copyOf(path);
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
