package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Holds faults against all tests, in JVMs of their own: some faults read freed memory, and may end their JVM, or never return.
 * What was found is in a file for each fault, so that a run that is interrupted goes on where it was. A child ends when this JVM
 * is gone, and not before: a shutdown hook that kills it would have its test noted as lost.
 *
 * @param directory where the files are
 * @param main the class that runs the tests, as {@link TrialMain} does
 * @param seed the seed
 * @param patience how long a test may take: it is no rule, only a hang takes this long
 */
record TrialChildren(Path directory, Class<?> main, long seed, Duration patience) {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** {@return what the tests made of a fault} */
    TrialLog run(Fault fault) throws IOException, InterruptedException {
        Path file = directory.resolve(fault.id() + ".log");
        TrialLog log = new TrialLog(file);
        while (!log.isDone()) {
            String how = run(fault.id(), file);
            String open = log.open();
            if (!open.isEmpty()) {
                log.lost(open, how);
            } else if (!log.isDone()) {
                throw new IOException("the JVM for " + fault.id() + " " + how + " between tests, see " + output(file));
            }
        }
        return log;
    }

    private static Path output(Path log) {
        return log.resolveSibling(log.getFileName() + ".out");
    }

    /** Runs a JVM to its end. {@return how it ended} */
    private String run(String id, Path file) throws IOException, InterruptedException {
        Path crash = file.resolveSibling(file.getFileName() + ".crash");
        Files.deleteIfExists(crash);
        Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        long size = Files.size(file);
        Process process = new ProcessBuilder(
                        JAVA,
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx2g",
                        "-XX:+UseSerialGC",
                        "-XX:ErrorFile=" + crash,
                        "-XX:-CreateCoredumpOnCrash",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        id,
                        file.toString(),
                        Long.toUnsignedString(seed))
                .redirectErrorStream(true)
                .redirectOutput(output(file).toFile())
                .start();
        boolean begun = false;
        Duration silent = Duration.ZERO;
        try {
            while (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                if (Files.size(file) == size) {
                    silent = silent.plus(patience);
                    // a JVM takes its time to come up on a busy machine
                    if (begun || silent.compareTo(Runner.PATIENCE) >= 0) {
                        return "did not return";
                    }
                } else {
                    size = Files.size(file);
                    silent = Duration.ZERO;
                    begun = true;
                }
            }
            return Files.exists(crash) ? "crashed the JVM" : "ended the JVM with exit status " + process.exitValue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
