package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.ChildProcess;
import dev.iovabitmap.conformance.report.GuestKernel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a guest is given: the class path, the simulated reports, and the command. The child JVMs of the command run in the guest
 * as they do elsewhere, so that a provider that takes its JVM down is an error in its report there too.
 */
final class GuestPayload {
    /** Where the payload is in the guest. */
    private static final String THERE = "/payload/";

    /** Without processors of its own a guest compiles too slowly for the second compiler to be worth it. */
    private static final List<String> FRUGAL =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData");

    private final Path directory;
    private int entries;

    private GuestPayload(Path directory) {
        this.directory = directory;
    }

    static void write(Path directory, List<Path> backends, List<String> command, Path simulated) throws IOException {
        new GuestPayload(directory).write(backends, command, simulated);
    }

    private void write(List<Path> backends, List<String> command, Path simulated) throws IOException {
        List<Path> suite = ClassPath.ofSuite();
        List<Path> others =
                backends.stream().filter(path -> !suite.contains(path)).toList();
        List<String> argv = new ArrayList<>(FRUGAL);
        argv.add("--enable-native-access=ALL-UNNAMED");
        argv.add("--illegal-native-access=deny");
        argv.add("-D" + ChildProcess.OPTIONS + "=" + String.join(" ", FRUGAL));
        argv.add("-Diova-bitmap.command=" + System.getProperty("iova-bitmap.command", "iova-bitmap"));
        argv.add("-D" + GuestKernel.PROPERTY + "=/versions.json");
        argv.add("-D" + ClassPath.BACKENDS + "=" + linked(others));
        argv.add("-cp");
        argv.add(linked(suite));
        argv.add(Main.class.getName());
        argv.addAll(command);
        argv.addAll(List.of("--simulated", THERE + "simulated", "--out", "/results"));
        copyReports(simulated);
        for (String argument : argv) {
            if (argument.indexOf('\n') >= 0) {
                throw new UsageException("an option with a line break cannot be handed to a guest: '" + argument + "'");
            }
        }
        Files.write(directory.resolve("argv"), argv);
    }

    /** Each entry keeps its file name, which reports tell; a directory of its own keeps it apart. */
    private String linked(List<Path> classPath) throws IOException {
        List<String> there = new ArrayList<>();
        for (Path entry : classPath) {
            if (Files.exists(entry)) {
                String place = "class-path/" + entries++;
                Files.createDirectories(directory.resolve(place));
                Files.createSymbolicLink(directory.resolve(place).resolve(entry.getFileName()), entry);
                there.add(THERE + place + "/" + entry.getFileName());
            }
        }
        return there.stream().collect(Collectors.joining(File.pathSeparator));
    }

    private void copyReports(Path simulated) throws IOException {
        Path place = Files.createDirectory(directory.resolve("simulated"));
        if (Files.isRegularFile(simulated.resolve("report.json"))) {
            copyReport(simulated, place);
            return;
        }
        if (!Files.isDirectory(simulated)) {
            return; // the guest says what is missing
        }
        try (Stream<Path> subjects = Files.list(simulated)) {
            for (Path subject : subjects.toList()) {
                if (Files.isRegularFile(subject.resolve("report.json"))) {
                    copyReport(subject, Files.createDirectory(place.resolve(subject.getFileName())));
                }
            }
        }
    }

    /** All of it, since the guest verifies it before anything rests on it. */
    private static void copyReport(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }
}
