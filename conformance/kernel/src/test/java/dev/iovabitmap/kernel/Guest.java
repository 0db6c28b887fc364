package dev.iovabitmap.kernel;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.engine.ChildProcess;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import dev.iovabitmap.vfio.Vfio;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A guest that runs a class of this module. */
final class Guest {
    private static final Path HERE = Path.of("").toAbsolutePath();

    private Guest() {}

    /** {@return where the output of a run is} */
    static Path out(String name) {
        return HERE.resolve("target/kernel").resolve(name);
    }

    /** Runs a class in a guest, with what it prints shown as it comes. */
    static int run(String kernel, String name, int idleSeconds, String... command) throws Exception {
        Path payload = emptied(HERE.resolve("target/kernel").resolve(name + "-payload"));
        List<String> argv = new ArrayList<>(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-cp",
                classPath(payload)));
        argv.addAll(List.of(command));
        Files.write(payload.resolve("argv"), argv);
        ProcessBuilder builder = new ProcessBuilder(
                        HERE.resolve("guest/run").toString(),
                        "--kernel",
                        kernel,
                        "--payload",
                        payload.toString(),
                        "--out",
                        out(name).toString(),
                        "--idle",
                        String.valueOf(idleSeconds),
                        "--add-modules",
                        "java.logging,java.management,java.xml")
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        try (ChildProcess run = ChildProcess.start(builder, Duration.ofSeconds(10))) {
            // Failsafe speaks to its JVM over the standard output that a child would inherit.
            run.lines().forEach(System.out::println);
            return run.await();
        }
    }

    /** Links to jars are all that an earlier run left there. */
    private static Path emptied(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> left = Files.list(directory)) {
            for (Path each : left.toList()) {
                Files.delete(each);
            }
        }
        return directory;
    }

    private static String classPath(Path payload) throws IOException, URISyntaxException {
        List<String> entries = new ArrayList<>();
        for (Class<?> type : List.of(
                KernelCheck.class,
                IovaBitmapLayout.class,
                FfmIovaBitmap.class,
                Vfio.class,
                Verifies.class,
                ObjectMapper.class,
                JsonParser.class,
                JsonProperty.class)) {
            Path source = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            String name = entries.size() + "-" + source.getFileName();
            Files.createSymbolicLink(payload.resolve(name), source);
            entries.add(name);
        }
        return String.join(":", entries);
    }
}
