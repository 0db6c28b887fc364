package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The command line, called as a user would call it.
 *
 * @param exitCode what it returned
 * @param out what it printed
 * @param err what it complained of
 */
record Cli(int exitCode, String out, String err) {
    /** Where the providers of these tests are; the test JVM has them in a module, out of a child's sight. */
    static final String VENDOR = Path.of("target", "test-classes").toString();

    /** The seed of {@link #certifiedOnce}. */
    static final String SEED = "7";

    private static final Map<Class<?>, Made> MADE = new ConcurrentHashMap<>();

    /** A run, and where its reports are. */
    private record Made(Cli run, Path reports) {
        static Made of(Class<?> provider) {
            try {
                Path reports = Files.createTempDirectory(Path.of("target"), "reports-");
                return new Made(certify(provider, reports, "--seed", SEED), reports);
            } catch (IOException cannot) {
                throw new UncheckedIOException(cannot);
            }
        }
    }

    static Cli run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Cli(code, out.toString(), err.toString());
    }

    static Cli certify(Class<?> provider, Path out, String... more) {
        List<String> args = new ArrayList<>(
                List.of("certify", "--provider", provider.getName(), "--class-path", VENDOR, "--out", out.toString()));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    /** A run that only needs to have been made: the first asker makes it, the others get a copy of its report. */
    static Cli certifiedOnce(Class<?> provider, Path out) throws IOException {
        Made made = MADE.computeIfAbsent(provider, Made::of);
        try (Stream<Path> files = Files.walk(made.reports())) {
            for (Path file : files.toList()) {
                Path copy = out.resolve(made.reports().relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        return made.run();
    }

    /** Reads a report, and verifies it: whatever a run wrote has to be what it says. */
    static JsonNode report(Path out, String name) throws IOException {
        Cli verified = run("verify", out.resolve(name).toString());
        assertEquals(ExitCode.CERTIFIED, verified.exitCode(), () -> verified.out() + verified.err());
        return JsonMapper.builder()
                .build()
                .readTree(Files.readString(out.resolve(name).resolve("report.json")));
    }
}
