package dev.iovabitmap.vfio.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The files in which a kernel tells of itself, below a root that a test can choose. What cannot be read is not there. Sizes
 * and numbers are bounded, and only names are returned that may stand in a command.
 */
public final class HostFiles {
    private static final int MAX_SIZE = 64 << 10;
    private static final int MAX_UNPACKED = 4 << 20;
    private static final int MAX_ENTRIES = 4096;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_:.+-]{0,127}");

    private final Path root;

    /**
     * Creates the files of a host.
     *
     * @param root what stands for the root directory
     */
    public HostFiles(Path root) {
        this.root = root;
    }

    private Path at(String path) {
        return root.resolve(path.substring(1));
    }

    boolean exists(String path) {
        return Files.exists(at(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** The beginning of a file, without blanks around it; empty if it cannot be read. */
    String read(String path) {
        Path file = at(path);
        if (!Files.isRegularFile(file)) { // a pipe would be waited for
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_SIZE), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException | SecurityException unreadable) {
            return "";
        }
    }

    /** The beginning of a larger file, unpacked if its name ends with gz. */
    String readLarge(String path) {
        Path file = at(path);
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file);
                InputStream text = path.endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return new String(text.readNBytes(MAX_UNPACKED), StandardCharsets.ISO_8859_1);
        } catch (IOException | SecurityException unreadable) {
            return "";
        }
    }

    /** The names in a directory, in order; none if it cannot be read. */
    List<String> list(String path) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(at(path))) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (NAME.matcher(name).matches()) {
                    names.add(name);
                }
                if (names.size() == MAX_ENTRIES) {
                    break;
                }
            }
        } catch (IOException | DirectoryIteratorException | SecurityException unreadable) {
            return List.of();
        }
        names.sort(null);
        return names;
    }

    /** The last name of where a symbolic link leads. */
    Optional<String> link(String path) {
        try {
            Path target = Files.readSymbolicLink(at(path)).getFileName();
            return Optional.ofNullable(target)
                    .map(Path::toString)
                    .filter(name -> NAME.matcher(name).matches());
        } catch (IOException | UnsupportedOperationException | SecurityException | InvalidPathException noLink) {
            return Optional.empty();
        }
    }

    /** Who may use a file, as {@code ls} shows it. */
    String permissions(String path) {
        try {
            PosixFileAttributes of = Files.readAttributes(at(path), PosixFileAttributes.class);
            return PosixFilePermissions.toString(of.permissions()) + " "
                    + of.owner().getName() + ":" + of.group().getName();
        } catch (IOException | UnsupportedOperationException | SecurityException unknown) {
            return "permissions unknown";
        }
    }
}
