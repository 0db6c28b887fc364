package dev.iovabitmap.conformance.engine;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A child JVM and the events that it sends. It dies with this JVM, whichever way this one ends. */
final class ChildProcess implements Source, AutoCloseable {
    /** The property with more options for child JVMs, blanks between them, as where compiling costs more than it gains. */
    private static final String OPTIONS = "iova-bitmap.child-options";

    private static final int LONGEST_LINE = 8 * 1024 * 1024;

    private static final int LARGEST_LOG = 4 * 1024 * 1024;

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Tail output = new Tail();
    private final byte[] nonce;
    private final Path privateDirectory;
    private final Path crashLog;
    private final Process process;
    private final Thread reader;
    private final Thread killer;

    ChildProcess(Job job, List<Path> classPath) throws IOException {
        nonce = job.nonce().getBytes(StandardCharsets.UTF_8);
        privateDirectory = Files.createTempDirectory("iova-bitmap-");
        crashLog = privateDirectory.resolve("hs_err.log");
        process = start(classPath, crashLog);
        killer = new Thread(this::destroy, "kill child");
        Runtime.getRuntime().addShutdownHook(killer);
        reader = Thread.ofPlatform().daemon().name("child events").start(this::readEvents);
        Thread.ofPlatform().daemon().name("child errors").start(this::readErrors);
        Thread.ofPlatform().daemon().name("child end").start(this::awaitEnd);
        tell(Wire.JSON.writeValueAsString(job));
    }

    private static Process start(List<Path> classPath, Path crashLog) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Collections.addAll(
                command,
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-XX:ErrorFile=" + crashLog,
                "-XX:-CreateCoredumpOnCrash",
                "-Dstderr.encoding=UTF-8");
        Stream.of(System.getProperty(OPTIONS, "").split(" ", -1))
                .filter(option -> !option.isEmpty())
                .forEach(command::add);
        command.add("-cp");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(ChildMain.class.getName());
        return new ProcessBuilder(command).start();
    }

    @Override
    public @Nullable Event next(Duration timeout) throws InterruptedException {
        return events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void askForThreads() {
        tell(Wire.ASK_FOR_THREADS);
    }

    /** A child that is gone cannot be told anything; its end is an event of its own. */
    private void tell(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException gone) {
            return;
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly();
    }

    /** {@return the last of what the child printed} */
    String output() {
        return output.text();
    }

    private boolean hasCrashLog() {
        return Files.isRegularFile(crashLog, LinkOption.NOFOLLOW_LINKS);
    }

    /** {@return the crash log, or null if the JVM wrote none} A provider knows where it is, and may put anything there. */
    @Nullable
    String crashLog() throws IOException {
        if (!hasCrashLog()) {
            return null;
        }
        try (InputStream in = Files.newInputStream(crashLog, LinkOption.NOFOLLOW_LINKS)) {
            byte[] log = in.readNBytes(LARGEST_LOG);
            return Printable.of(new String(log, StandardCharsets.ISO_8859_1));
        }
    }

    private void readEvents() {
        try (InputStream in = new BufferedInputStream(process.getInputStream())) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int read = in.read(); read >= 0; read = in.read()) {
                line.write(read);
                if (read == '\n' || line.size() == LONGEST_LINE) {
                    take(line.toByteArray());
                    line.reset();
                }
            }
            take(line.toByteArray());
        } catch (IOException gone) {
            return;
        }
    }

    /** Native code of a provider may print without the end of a line just before an event. */
    private void take(byte[] line) throws IOException {
        int at = new String(line, StandardCharsets.ISO_8859_1).indexOf(new String(nonce, StandardCharsets.ISO_8859_1));
        if (at < 0) {
            output.add(line, 0, line.length);
            return;
        }
        output.add(line, 0, at);
        int from = at + nonce.length;
        events.add(Wire.JSON.readValue(line, from, line.length - from, Event.class));
    }

    private void readErrors() {
        byte[] buffer = new byte[8192];
        try (InputStream in = process.getErrorStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                output.add(buffer, 0, count);
            }
        } catch (IOException gone) {
            return;
        }
    }

    /** A process that the provider started may hold the pipe open for long, so the reader gets a moment and no more. */
    private void awaitEnd() {
        try {
            int status = process.waitFor();
            reader.join(Duration.ofSeconds(2));
            events.add(new Event.Ended(status, hasCrashLog()));
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void destroy() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        try {
            Files.deleteIfExists(crashLog);
            Files.deleteIfExists(privateDirectory);
        } catch (IOException left) {
            return; // a temporary directory; nothing depends on it
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException goingDown) {
            return; // the hook does it
        }
        destroy();
    }
}
