package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.BoundedFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/**
 * Where classes came from.
 *
 * @param kind {@code jar}, {@code directory} or {@code unknown}
 * @param file the name of the jar
 * @param sha256 the sum of the jar
 */
public record Origin(
        String kind, @Nullable String file, @Nullable String sha256) {
    private static final Origin UNKNOWN = new Origin("unknown", null, null);

    /**
     * Returns what is at a place.
     *
     * @throws IOException if it is a jar that cannot be read
     */
    public static Origin at(@Nullable String location) throws IOException {
        if (location == null) {
            return UNKNOWN;
        }
        Path path = Path.of(location);
        if (Files.isDirectory(path)) {
            return new Origin("directory", null, null);
        }
        return Files.isRegularFile(path)
                ? new Origin(
                        "jar",
                        Printable.of(String.valueOf(path.getFileName())),
                        BoundedFile.sha256(path.toRealPath(), Long.MAX_VALUE))
                : UNKNOWN;
    }

    /** {@return where a class of this JVM came from} */
    public static @Nullable Path pathOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null
                || source.getLocation() == null
                || !"file".equals(source.getLocation().getProtocol())) {
            return null;
        }
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException odd) {
            return null;
        }
    }
}
