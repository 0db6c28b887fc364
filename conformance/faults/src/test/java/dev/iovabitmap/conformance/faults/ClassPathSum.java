package dev.iovabitmap.conformance.faults;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Tells whether results are of the classes that are there now. */
final class ClassPathSum {
    private ClassPathSum() {}

    /** {@return a sum over the class files of the modules on the class path, and the names of the jars} */
    static String get() throws IOException {
        MessageDigest sum;
        try {
            sum = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            sum.update(entry.getBytes(StandardCharsets.UTF_8));
            if (Files.isDirectory(path)) {
                for (Path file : classesIn(path)) {
                    sum.update(Files.readAllBytes(file));
                }
            }
        }
        return HexFormat.of().formatHex(sum.digest());
    }

    private static List<Path> classesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .sorted()
                    .toList();
        }
    }
}
