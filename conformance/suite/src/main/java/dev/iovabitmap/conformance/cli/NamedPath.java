package dev.iovabitmap.conformance.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths as somebody wrote them on the command line. What is none is an error of usage that says which option it was. */
final class NamedPath {
    private NamedPath() {}

    /** {@return the path, whether something is there or not} */
    static Path of(String option, String text) {
        try {
            if (!text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException odd) {
            throw new UsageException(option + " '" + text + "' is no path");
        }
        throw new UsageException(option + " '' is no path");
    }

    /** {@return a directory that is there} */
    static Path directory(String text) {
        Path path = of("DIR", text);
        if (!Files.isDirectory(path)) {
            throw new UsageException("'" + text + "' is no directory");
        }
        return path;
    }

    /** {@return a file that is there and can be read} */
    static Path file(String option, String text) {
        Path path = of(option, text);
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw new UsageException(option + " '" + text + "' is no file that can be read");
        }
        return path;
    }
}
