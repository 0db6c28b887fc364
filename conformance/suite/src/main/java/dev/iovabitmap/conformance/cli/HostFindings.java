package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.spi.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What every run needs, whatever stands behind the provider. */
final class HostFindings {
    private static final int JDK = 25;
    private static final long ROOM = 256L << 20;

    private HostFindings() {}

    static List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        String java = Runtime.version() + " in " + System.getProperty("java.home");
        findings.add(
                Runtime.version().feature() >= JDK
                        ? Finding.ok("java", java)
                        : Finding.missing(
                                "java", java + ", and " + JDK + " is needed", "set JAVA_HOME to a JDK " + JDK));
        findings.add(Finding.ok(
                "host",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors"));
        findings.add(room("temporary files", System.getProperty("java.io.tmpdir", "/tmp"), "TMPDIR"));
        return findings;
    }

    private static Finding room(String name, String directory, String variable) {
        try {
            Path path = Path.of(directory);
            long free = Files.getFileStore(path).getUsableSpace();
            String what = directory + " has " + (free >> 20) + " MiB to spare";
            if (!Files.isWritable(path)) {
                return Finding.limited(name, directory + " cannot be written", "set " + variable + " to one that can");
            }
            return free < ROOM
                    ? Finding.limited(name, what, "set " + variable + " to a larger directory")
                    : Finding.ok(name, what);
        } catch (IOException | InvalidPathException | SecurityException unknown) {
            return Finding.unknown(name, directory + " cannot be looked at");
        }
    }
}
