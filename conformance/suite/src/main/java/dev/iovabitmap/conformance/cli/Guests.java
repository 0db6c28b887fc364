package dev.iovabitmap.conformance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.engine.ChildProcess;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.report.GuestKernel;
import dev.iovabitmap.conformance.report.ReportDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Certifies in guests, each with a kernel of its own. A program starts them, which a property names: it takes a payload, runs
 * its {@code java} in a guest and brings back what that left. The same command runs in there as here, since it is a guest to
 * itself what the kernel that runs is to anybody. A guest that did not come to its end is an error of the harness, with what it
 * printed last, and leaves no report.
 */
final class Guests {
    /** The property that names the program; the launcher sets it. */
    static final String PROGRAM = "iova-bitmap.kernel-guest";

    /** The guests that the program has, and the ways to a device that each of them has. */
    private static final Map<String, List<String>> TRANSPORTS =
            new TreeMap<>(Map.of("qemu-6.1", List.of("log", "type1"), "uml-6.12", List.of("log", "type1", "iommufd")));

    /** The guests that the program has. */
    static final List<String> NAMES = List.copyOf(TRANSPORTS.keySet());

    /**
     * What shall be run.
     *
     * @param names in which guests
     * @param backends the class path behind the suite's own
     * @param command the command and its options, without those for directories
     * @param transport the only transport that is wanted, or null for all that a guest has
     * @param required whether a report that does not come back is a failure
     */
    record Task(
            List<String> names,
            List<Path> backends,
            List<String> command,
            @Nullable String transport,
            boolean required) {
        /** {@return the transports that have to come back from a guest} */
        List<String> expected(String name) {
            if (!required) {
                return List.of();
            }
            return transport != null ? List.of(transport) : TRANSPORTS.getOrDefault(name, List.of());
        }
    }

    /** What the suite needs of Java. */
    private static final String MODULES = "java.logging,java.management,java.xml";

    /** From here on the exit code of the program is its own; below it is that of the payload. */
    private static final int OWN_CODES = 100;

    /** The exit code of the program where the host lacks something. */
    static final int LACKS_SOMETHING = 102;

    /** A guest without hardware to run on is slow, and the longest test is silent for a while. */
    private static final int IDLE_SECONDS = 900;

    /** How long a test may take in a guest before it counts as hanging: less than the guest may be silent. */
    static final long PATIENCE_SECONDS = 600;

    /** So many tests may hang before the guest has used up its own time. */
    static final int MAX_LOST = 3;

    private static final int TIMEOUT_SECONDS = 7200;

    private static final Duration TO_END_GUEST = Duration.ofSeconds(10);

    private final Path program;
    private final PrintWriter out;
    private final PrintWriter err;

    Guests(Path program, PrintWriter out, PrintWriter err) {
        this.program = program;
        this.out = out;
        this.err = err;
    }

    /**
     * Says whether guests are to be started: there is a program for it, and this is no guest.
     *
     * @param out where its guests' words go
     * @param err where its own words go
     * @return the guests, or null
     */
    static @Nullable Guests orNull(PrintWriter out, PrintWriter err) {
        String program = System.getProperty(PROGRAM, "");
        return program.isEmpty() ? null : new Guests(Path.of(program).toAbsolutePath(), out, err);
    }

    /**
     * Certifies in each guest.
     *
     * @param task what
     * @param simulated where simulated reports are
     * @param directory where reports go; null if the command writes none
     * @return the exit code
     */
    int run(Task task, Path simulated, @Nullable Path directory) throws InterruptedException {
        try {
            requireHost(task.names());
            int worst = ExitCode.CERTIFIED;
            for (String name : task.names()) {
                if (directory != null) {
                    removeOld(directory, name);
                }
                worst = Math.max(worst, runIn(name, task, simulated, directory));
            }
            return worst;
        } catch (IOException failed) {
            throw new HarnessException("the guests cannot be run: " + failed.getMessage(), failed);
        }
    }

    /** Tells all that the host lacks for all guests, before any of them starts. */
    private void requireHost(List<String> names) throws IOException, InterruptedException {
        List<String> lacking = new ArrayList<>();
        for (String name : names) {
            List<String> lines = new ArrayList<>();
            int code = run(List.of(program.toString(), "--check", "--kernel", name), lines::add);
            if (code == LACKS_SOMETHING) {
                lines.stream().filter(line -> !lacking.contains(line)).forEach(lacking::add);
            } else if (code != 0) {
                throw new HarnessException(
                        program + " --check ended with " + code + ":\n" + String.join("\n", lines),
                        new IllegalStateException());
            }
        }
        if (!lacking.isEmpty()) {
            throw new HarnessException(
                    "this host cannot run the guests of tier kernel:\n  " + String.join("\n  ", oneInstall(lacking)),
                    new IllegalStateException());
        }
    }

    /** Each guest tells a command for its own packages: one command for all is enough. */
    private static List<String> oneInstall(List<String> lines) {
        List<String> installs =
                lines.stream().filter(line -> line.startsWith("install: ")).toList();
        if (installs.size() < 2) {
            return lines;
        }
        String packages = lines.stream()
                .filter(line -> line.startsWith("missing package: "))
                .map(line -> line.substring("missing package: ".length()))
                .distinct()
                .collect(Collectors.joining(" "));
        String first = installs.get(0);
        int at = first.indexOf(" install ") + " install ".length();
        String options = Stream.of(first.substring(at).split(" ", -1))
                .filter(word -> word.startsWith("-"))
                .map(word -> word + " ")
                .collect(Collectors.joining());
        List<String> one = new ArrayList<>(
                lines.stream().filter(line -> !line.startsWith("install: ")).toList());
        one.add(first.substring(0, at) + options + packages);
        return one;
    }

    private int runIn(String name, Task task, Path simulated, @Nullable Path directory)
            throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("iova-bitmap-guest-");
        try {
            Path payload = Files.createDirectory(scratch.resolve("payload"));
            Path brought = scratch.resolve("out");
            GuestPayload.write(payload, task.backends(), task.command(), simulated);
            List<String> command = List.of(
                    program.toString(),
                    "--kernel",
                    name,
                    "--payload",
                    payload.toString(),
                    "--out",
                    brought.toString(),
                    "--add-modules",
                    MODULES,
                    "--idle",
                    String.valueOf(IDLE_SECONDS),
                    "--timeout",
                    String.valueOf(TIMEOUT_SECONDS));
            int code = run(command, line -> {
                out.println(Printable.of(line));
                out.flush();
            });
            if (code >= OWN_CODES) {
                err.println("iova-bitmap: ERROR in guest " + name + ", which gives no report: "
                        + Printable.of(sayWhy(brought, code)));
                return ExitCode.HARNESS;
            }
            int worst = code <= ExitCode.HARNESS ? code : ExitCode.HARNESS;
            if (directory == null) {
                return worst;
            }
            List<String> reports = bring(name, brought, directory);
            for (String transport : task.expected(name)) {
                if (reports.stream().noneMatch(report -> report.endsWith("-" + transport + "-kernel"))) {
                    err.println("iova-bitmap: guest " + name + " gave no report of transport " + transport
                            + ", which is required");
                    worst = Math.max(worst, ExitCode.NOT_CERTIFIED);
                }
            }
            return worst;
        } finally {
            removeAll(scratch);
        }
    }

    /** What is said of an end that was none. */
    private static String sayWhy(Path brought, int code) throws IOException {
        Path outcome = brought.resolve("outcome.json");
        if (!Files.exists(outcome)) {
            return "it was not booted, code " + code;
        }
        JsonNode said = JsonMapper.builder().build().readTree(Files.readString(outcome));
        StringBuilder text = new StringBuilder(said.path("outcome").asText() + ": "
                + said.path("reason").asText() + ". The last lines of its console:");
        said.path("lastLines").forEach(line -> text.append("\n    ").append(line.asText()));
        return text.toString();
    }

    private List<String> bring(String name, Path brought, Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        GuestKernel kernel = GuestKernel.read(brought.resolve("versions.json"));
        out.println(Printable.of("Tried on " + kernel.inWords()));
        for (Path report : directoriesIn(brought.resolve("results"))) {
            Path target = directory.resolve(report.getFileName() + suffix(name));
            Files.createDirectory(target);
            for (Path file : filesIn(report)) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
            out.println("Report: " + Printable.of(target.toString()));
            names.add(String.valueOf(report.getFileName()));
        }
        out.flush();
        return names;
    }

    /** {@return what a guest adds to the name of a report: its version} */
    private static String suffix(String name) {
        return name.substring(name.lastIndexOf('-'));
    }

    /** A guest that fails must not leave the report of an earlier one. */
    private static void removeOld(Path directory, String name) throws IOException {
        ReportDirectory.check(directory);
        for (Path old : directoriesIn(directory)) {
            if (String.valueOf(old.getFileName()).endsWith("-kernel" + suffix(name))) {
                ReportDirectory.prepare(directory, String.valueOf(old.getFileName()));
            }
        }
    }

    private static List<Path> directoriesIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    /** No links: what a guest leaves must not name a file of the host that is then copied into a report. */
    private static List<Path> filesIn(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }

    /** The program ends its guest when it is asked to end, and the guest dies with it in any case. */
    private static int run(List<String> command, Consumer<String> lines) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        try (ChildProcess program = ChildProcess.start(builder, TO_END_GUEST)) {
            program.lines().forEach(lines);
            return program.await();
        }
    }

    private static void removeAll(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, @Nullable IOException failed) throws IOException {
                Files.delete(left);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
