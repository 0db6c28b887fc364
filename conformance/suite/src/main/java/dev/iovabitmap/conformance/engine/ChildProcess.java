package dev.iovabitmap.conformance.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that this one started. It ends with this one, and takes with it whatever it has started itself. */
public final class ChildProcess implements AutoCloseable {
    /**
     * The property with more options for child JVMs, blanks between them: for guests, where compiling costs more than it gains, and
     * for the tests of this project, which share an archive of classes. Certificates for others are made without it.
     */
    public static final String OPTIONS = "iova-bitmap.child.options";

    private final Process process;
    private final Duration grace;
    private final Thread atExit;
    private volatile boolean goingDown;

    private ChildProcess(Process process, Duration grace) {
        this.process = process;
        this.grace = grace;
        this.atExit = new Thread(this::endWithParent, "end child");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** {@return a new process that is killed when it is to end} */
    public static ChildProcess start(ProcessBuilder builder) throws IOException {
        return start(builder, Duration.ZERO);
    }

    /**
     * Starts a process.
     *
     * @param grace how long it may take to end when it is asked to, before it is killed
     */
    public static ChildProcess start(ProcessBuilder builder, Duration grace) throws IOException {
        return new ChildProcess(builder.start(), grace);
    }

    /**
     * Returns how to start this JVM's {@code java}, up to the class path.
     *
     * @param crashLog where it tells of its crash, should it crash
     */
    public static List<String> java(Path crashLog) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-XX:ErrorFile=" + crashLog,
                "-XX:-CreateCoredumpOnCrash",
                "-Dstderr.encoding=UTF-8"));
        Stream.of(System.getProperty(OPTIONS, "").split(" ", -1))
                .filter(option -> !option.isEmpty())
                .forEach(command::add);
        return command;
    }

    /** {@return what it prints} */
    public InputStream output() {
        return process.getInputStream();
    }

    /** {@return the lines that it prints, to its end} */
    public Stream<String> lines() {
        return new BufferedReader(new InputStreamReader(output(), StandardCharsets.UTF_8)).lines();
    }

    /** {@return what it complains of, unless that goes elsewhere} */
    public InputStream errors() {
        return process.getErrorStream();
    }

    /** Writes a line to its standard input. A process that is gone reads nothing. */
    public void tell(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException gone) {
            return;
        }
    }

    /** {@return its CPU time in nanoseconds, 0 where that is not known} */
    public long cpu() {
        return Snapshot.cpuOf(process.toHandle());
    }

    /**
     * {@return its exit status, once it has ended}
     *
     * @throws InterruptedException also if it was killed because this JVM ends, which says nothing of it
     */
    public int await() throws InterruptedException {
        int status = process.waitFor();
        requireOwnEnd();
        return status;
    }

    /** {@return whether it ended in time} */
    public boolean await(Duration time) throws InterruptedException {
        boolean ended = process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
        requireOwnEnd();
        return ended;
    }

    private void requireOwnEnd() throws InterruptedException {
        if (goingDown) {
            throw new InterruptedException("this JVM ends, and its children with it");
        }
    }

    private void endWithParent() {
        goingDown = true;
        end();
    }

    private void end() {
        List<ProcessHandle> all = process.descendants().toList(); // orphans have no parent to be found by
        try {
            if (!grace.isZero()) {
                process.destroy();
                if (process.waitFor(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                    return; // it has seen to its own children
                }
            }
            kill(all);
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            kill(all);
            Thread.currentThread().interrupt();
        }
    }

    private void kill(List<ProcessHandle> descendants) {
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    /** Kills it, without waiting for its end. */
    public void kill() {
        kill(process.descendants().toList());
    }

    /** Ends it. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException goingDown) {
            return; // the hook does it
        }
        end();
    }
}
