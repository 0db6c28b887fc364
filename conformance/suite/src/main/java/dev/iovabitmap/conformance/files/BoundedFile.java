package dev.iovabitmap.conformance.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Files from anybody, of which no more is read than is good for this JVM. */
public final class BoundedFile {
    private BoundedFile() {}

    /**
     * Reads a file, through a link as well.
     *
     * @throws IllegalArgumentException if it has more bytes than allowed
     */
    public static byte[] read(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, limit);
        }
    }

    /**
     * Reads a file that is no link.
     *
     * @throws IllegalArgumentException if it has more bytes than allowed
     */
    public static byte[] readNoLink(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return read(in, limit);
        }
    }

    private static byte[] read(InputStream in, int limit) throws IOException {
        byte[] content = in.readNBytes(limit + 1);
        if (content.length > limit) {
            throw tooLarge(limit);
        }
        return content;
    }

    /**
     * {@return the SHA-256 of a file that is no link, in hex}
     *
     * @throws IllegalArgumentException if it has more bytes than allowed
     */
    public static String sha256(Path file, long limit) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
                DigestInputStream digest = new DigestInputStream(in, sha256())) {
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            for (int count = digest.read(buffer); count >= 0; count = digest.read(buffer)) {
                size += count;
                if (size > limit) {
                    throw tooLarge(limit);
                }
            }
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        }
    }

    /** {@return the SHA-256 of bytes, in hex} */
    public static String sha256(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static IllegalArgumentException tooLarge(long limit) {
        return new IllegalArgumentException("it has more than " + limit + " bytes");
    }
}
