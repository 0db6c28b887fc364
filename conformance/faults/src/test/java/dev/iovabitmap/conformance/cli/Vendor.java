package dev.iovabitmap.conformance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A vendor with a jar of backends, the suite, and a shell, in a directory whose name needs quotes. */
final class Vendor {
    /** Needs quotes as well. */
    static final String JAR = "vendor's backends.jar";

    private static final List<Path> OURS = List.of(
            Path.of("target", "classes").toAbsolutePath(),
            Path.of("target", "test-classes").toAbsolutePath());

    static final Vendor NOWHERE = new Vendor(Path.of(""));

    private final Path home;

    private Vendor(Path home) {
        this.home = home;
    }

    /**
     * What a command came to.
     *
     * @param exitCode what it returned
     * @param out what it printed
     * @param err what it complained of
     */
    record Outcome(int exitCode, String out, String err) {}

    /** {@return a vendor below a directory, with the providers of this module's classes and tests in a jar} */
    static Vendor in(Path directory) throws IOException {
        Vendor vendor = new Vendor(Files.createDirectories(directory.resolve("at the vendor's")));
        try (OutputStream out = Files.newOutputStream(vendor.path(JAR));
                JarOutputStream jar = new JarOutputStream(out)) {
            for (Path root : OURS) {
                add(jar, root);
            }
        }
        return vendor;
    }

    private static void add(JarOutputStream jar, Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".class"))
                    .sorted()
                    .toList()) {
                JarEntry entry = new JarEntry(root.relativize(file).toString().replace(File.separatorChar, '/'));
                entry.setTime(0);
                jar.putNextEntry(entry);
                jar.write(Files.readAllBytes(file));
            }
        }
    }

    Path path(String name) {
        return home.resolve(name);
    }

    Outcome certify(Class<?> provider, String... more) throws IOException, InterruptedException {
        return iovaBitmap(Stream.concat(
                        Stream.of("certify", "--provider", provider.getName(), "--class-path", JAR), Stream.of(more))
                .toArray(String[]::new));
    }

    /** Runs the command line in a JVM that does not have this module's classes but from the jar. */
    Outcome iovaBitmap(String... arguments) throws IOException, InterruptedException {
        String suite = Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .filter(entry -> !OURS.contains(Path.of(entry).toAbsolutePath()))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                suite,
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Runs the command line in this JVM, where no provider has to be found. */
    static Outcome here(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    /** Runs a line as somebody does who copies it into a shell. */
    Outcome sh(String line) throws IOException, InterruptedException {
        return run(List.of("/bin/sh", "-c", line));
    }

    private Outcome run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("vendor", ".out");
        Path err = Files.createTempFile("vendor", ".err");
        try {
            int exitCode = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start()
                    .waitFor();
            return new Outcome(
                    exitCode,
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** {@return a report that was written where reports go by default} */
    JsonNode report(String name) throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(Files.readString(path("certification").resolve(name).resolve("report.json")));
    }
}
