package dev.iovabitmap.conformance.inspect;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import javax.xml.stream.XMLStreamException;

/** The file that a picture goes to: checked before the work begins, and then there whole or not at all. */
final class SvgTarget {
    private final Path path;
    private final boolean replaces;

    private SvgTarget(Path path, boolean replaces) {
        this.path = path;
        this.replaces = replaces;
    }

    /** Checks what can be checked before the bitmap is read. */
    static SvgTarget of(Path svg, Path bitmap) throws InspectException {
        if (Files.isDirectory(svg)) {
            throw unwritable(svg, "it is a directory");
        }
        boolean there = Files.exists(svg);
        try {
            if (there && Files.isSameFile(svg, bitmap)) {
                throw unwritable(svg, "it is the bitmap itself");
            }
            if (there && !Files.isRegularFile(svg)) {
                throw unwritable(svg, "it is a device, a pipe or another special file");
            }
            // a link stays, and what it points to is replaced
            Path target = there ? svg.toRealPath() : svg.toAbsolutePath();
            Path directory = target.getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                throw unwritable(svg, "its directory does not exist");
            }
            if (!Files.isWritable(directory)) {
                throw unwritable(svg, "permission denied");
            }
            return new SvgTarget(target, there);
        } catch (IOException e) {
            throw unwritable(svg, Show.reason(e));
        }
    }

    private static InspectException unwritable(Path svg, String why) {
        return InspectException.badInput("--svg " + Show.quoted(svg) + " cannot be written: " + why);
    }

    Path path() {
        return path;
    }

    boolean replaces() {
        return replaces;
    }

    void write(BitmapFile file, Tally tally, Density density) throws InspectException {
        Path draft = path.resolveSibling(
                path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (Writer out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
                SvgPicture.write(out, file, tally, density);
            }
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(draft);
            throw unwritable(path, e instanceof NoSuchFileException ? "no file can be made there" : Show.reason(e));
        } catch (XMLStreamException e) {
            discard(draft);
            throw unwritable(path, String.valueOf(e.getMessage()));
        }
    }

    private static void discard(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            // why the picture was not written matters more
        }
    }
}
