package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

    /** {@return what is at a place} */
    static Origin at(@Nullable String location) throws IOException {
        if (location == null) {
            return UNKNOWN;
        }
        Path path = Path.of(location);
        if (Files.isDirectory(path)) {
            return new Origin("directory", null, null);
        }
        return Files.isRegularFile(path)
                ? new Origin("jar", Printable.of(String.valueOf(path.getFileName())), digest(path))
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

    static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
