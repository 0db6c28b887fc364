package dev.iovabitmap.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.iovabitmap.IovaBitmap;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A mapped file that was cut, or whose disk is full, ends in the JVM's InternalError and never in a crash. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere a mapped file cannot be cut")
class LostFileTest {
    @Test
    void aFileThatIsCut(@TempDir Path directory) throws Exception {
        assertEquals(expected(), run(directory, "cut", 300));
    }

    /** All that runs is compiled, or nothing is: the error comes at other moments. */
    @Test
    void aFileThatIsCutInterpretedAndCompiled(@TempDir Path directory) throws Exception {
        assertEquals(expected(), run(directory, "cut", 0, "-Xint"));
        assertEquals(expected(), run(directory, "cut", 50, "-XX:TieredStopAtLevel=1"));
        assertEquals(expected(), run(directory, "cut", 50, "-XX:-TieredCompilation", "-Xbatch"));
    }

    @Test
    void aDiskThatIsFull(@TempDir Path directory) throws Exception {
        assumeTrue(mount(directory), "a disk of limited size takes root: mount -t tmpfs -o size=64k failed");
        try {
            fill(directory.resolve("filling"));
            assertEquals(expected(), run(directory, "full", 0)); // on tmpfs a hole takes memory when it is read, too
        } finally {
            assertEquals(0, command("umount", directory.toString()).waitFor());
        }
    }

    private static boolean mount(Path directory) throws InterruptedException {
        try {
            return command("mount", "-t", "tmpfs", "-o", "size=64k", "iova-bitmap", directory.toString())
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // there is no mount
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream filling = Files.newOutputStream(file)) {
            assertThrows(IOException.class, () -> {
                for (int i = 0; i < 1000; i++) {
                    filling.write(page);
                }
            });
        }
    }

    private static Process command(String... words) throws IOException {
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        for (String operation : LostFile.operations().keySet()) {
            lines.add(operation + ": InternalError");
        }
        lines.add("the JVM is alive");
        return lines;
    }

    private static List<String> run(Path directory, String how, int times, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Arrays.asList(options));
        command.addAll(List.of(
                "-cp", classPath(), LostFile.class.getName(), directory.toString(), how, Integer.toString(times)));
        Path output = Files.createTempFile("lost-file", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            int exit = process.waitFor();
            List<String> lines = new ArrayList<>(Files.readAllLines(output, StandardCharsets.UTF_8));
            if (exit != 0) {
                lines.add("exit code " + exit);
            }
            return lines;
        } finally {
            Files.delete(output);
        }
    }

    private static String classPath() throws Exception {
        StringBuilder path = new StringBuilder();
        for (Class<?> type : List.of(LostFile.class, FfmIovaBitmap.class, IovaBitmap.class)) {
            path.append(Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))
                    .append(File.pathSeparatorChar);
        }
        return path.toString();
    }
}
