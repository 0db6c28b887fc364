package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.ChildProcess;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Whether this host can run the guests of the kernel tier: their own script tells. */
final class GuestFindings {
    /** Nobody is blamed when it is over: the finding is then that nothing is known. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int MAX_OUTPUT = 64 << 10;

    private GuestFindings() {}

    /** {@return what each kernel lacks; nothing if there are no guests here} */
    static List<Finding> all() {
        String program = System.getProperty(Guests.PROGRAM, "");
        Path script = Path.of(program);
        if (program.isEmpty() || !Files.isExecutable(script)) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        for (String kernel : Guests.NAMES) {
            findings.addAll(check(script, kernel));
        }
        return findings;
    }

    /** {@return which of them can run, in a sentence} */
    static String sum(List<Finding> findings) {
        List<String> able = findings.stream()
                .filter(finding -> finding.status() == Status.OK)
                .map(Finding::name)
                .toList();
        return able.isEmpty() ? "not possible here." : "possible here, with " + String.join(" and ", able) + ".";
    }

    private static List<Finding> check(Path script, String kernel) {
        try {
            Path output = Files.createTempFile("iova-bitmap-guests", ".txt");
            try {
                return check(script, kernel, output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException failed) {
            return List.of(Finding.unknown(kernel, "the check cannot be run: " + failed.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return List.of(Finding.unknown(kernel, "the check was interrupted"));
        }
    }

    private static List<Finding> check(Path script, String kernel, Path output)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(script.toString(), "--check", "--kernel", kernel)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int exit;
        try (ChildProcess check = ChildProcess.start(builder)) {
            if (!check.await(PATIENCE)) {
                return List.of(Finding.unknown(kernel, "the check did not end in " + PATIENCE.toSeconds() + " s"));
            }
            exit = check.await();
        }
        byte[] text;
        try (var in = Files.newInputStream(output)) {
            text = in.readNBytes(MAX_OUTPUT);
        }
        return findings(kernel, exit, new String(text, StandardCharsets.UTF_8));
    }

    /** {@return what the script's answer means} */
    static List<Finding> findings(String kernel, int exit, String answer) {
        if (exit == 0) {
            return List.of(Finding.ok(kernel, "all that it needs is there"));
        }
        List<String> lines = answer.lines().toList();
        List<Finding> findings = new ArrayList<>();
        String packages = after(lines, "missing package: ").stream().collect(Collectors.joining(", "));
        if (!packages.isEmpty()) {
            String install = String.join("", after(lines, "install: "));
            findings.add(Finding.missing(kernel, "packages are missing: " + packages, install));
        }
        for (String sentence : after(lines, "unusable: ")) {
            findings.add(Finding.missing(kernel, sentence, ""));
        }
        if (exit != Guests.LACKS_SOMETHING || findings.isEmpty()) {
            String last = lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
            findings.add(Finding.unknown(kernel, "the check ended with " + exit + " and said: " + last));
        }
        return findings;
    }

    private static List<String> after(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }
}
