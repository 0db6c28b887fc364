package dev.iovabitmap.conformance.faults;

import java.nio.file.Files;
import java.nio.file.Path;

/** The repository. */
public final class Root {
    private Root() {}

    /** {@return a path below the directory with the license} */
    public static Path path(String below) {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("LICENSE"))) {
            directory = directory.getParent();
        }
        return directory.resolve(below);
    }
}
