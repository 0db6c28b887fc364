package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    /** Reads a report, and verifies it: whatever a run wrote has to be what it says. */
    static JsonNode report(Path out, String name) throws IOException {
        Cli verified = run("verify", out.resolve(name).toString());
        assertEquals(ExitCode.CERTIFIED, verified.exitCode(), () -> verified.out() + verified.err());
        return JsonMapper.builder()
                .build()
                .readTree(Files.readString(out.resolve(name).resolve("report.json")));
    }
}
