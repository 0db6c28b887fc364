package dev.iovabitmap.conformance.engine;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A child JVM and the events that it sends. It dies with this JVM, whichever way this one ends. */
final class ChildJvm implements RunSource, AutoCloseable {
    private static final int LONGEST_LINE = 8 * 1024 * 1024;

    /** A process that the provider started may hold the pipe open long after the JVM has ended. */
    private static final Duration FOR_LAST_EVENTS = Duration.ofSeconds(10);

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final OutputTail output = new OutputTail();
    /** What each event begins with: a provider may print too. */
    private final byte[] nonce;

    private final Path privateDirectory;
    private final Path crashLog;
    private final ChildProcess process;
    private final Thread reader;

    /** Starts a child that does what a request says. */
    ChildJvm(ChildRequest request, List<Path> classPath) throws IOException {
        this(ChildMain.class, List.of(), List.of(), classPath);
        process.tell(Wire.JSON.writeValueAsString(request));
    }

    /** Starts a child that runs a class, which connects to its parent by {@link ParentJvm}. */
    ChildJvm(Class<?> main, List<String> options, List<String> arguments, List<Path> classPath) throws IOException {
        String mark = "event-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()) + ":";
        nonce = mark.getBytes(StandardCharsets.UTF_8);
        privateDirectory = Files.createTempDirectory("iova-bitmap-");
        crashLog = privateDirectory.resolve("hs_err.log");
        privateDirectory.toFile().deleteOnExit(); // after what was registered later, should this JVM be ended
        crashLog.toFile().deleteOnExit();
        List<String> command = ChildProcess.java(crashLog);
        command.addAll(options);
        command.add("-cp");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(main.getName());
        command.addAll(arguments);
        process = ChildProcess.start(new ProcessBuilder(command));
        reader = Thread.ofPlatform().daemon().name("child events").start(this::readEvents);
        Thread.ofPlatform().daemon().name("child errors").start(this::readErrors);
        Thread.ofPlatform().daemon().name("child end").start(this::awaitEnd);
        process.tell(mark);
    }

    @Override
    public @Nullable Event next(Duration timeout) throws InterruptedException {
        return events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void askForLook() {
        process.tell(Wire.ASK_FOR_LOOK);
    }

    @Override
    public void askForThreads() {
        process.tell(Wire.ASK_FOR_THREADS);
    }

    @Override
    public long cpu() {
        return process.cpu();
    }

    @Override
    public void kill() {
        process.kill();
    }

    /** {@return the last of what the child printed} */
    String output() {
        return output.text();
    }

    private boolean hasCrashLog() {
        return Files.isRegularFile(crashLog, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Returns the crash log. A provider knows where it is, and may put anything there.
     *
     * @param most how many bytes of it at most
     * @return null if the JVM wrote none
     */
    @Nullable
    String crashLog(int most) throws IOException {
        if (most <= 0 || !hasCrashLog()) {
            return null;
        }
        try (InputStream in = Files.newInputStream(crashLog, LinkOption.NOFOLLOW_LINKS)) {
            return Printable.of(new String(in.readNBytes(most), StandardCharsets.ISO_8859_1));
        }
    }

    private void readEvents() {
        try (InputStream in = new BufferedInputStream(process.output())) {
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
        try (InputStream in = process.errors()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                output.add(buffer, 0, count);
            }
        } catch (IOException gone) {
            return;
        }
    }

    /** Events that the child sent before its end come before the event of its end. */
    private void awaitEnd() {
        try {
            int status = process.await();
            reader.join(FOR_LAST_EVENTS);
            events.add(new Event.Ended(status, hasCrashLog()));
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.close();
        try {
            Files.deleteIfExists(crashLog);
            Files.deleteIfExists(privateDirectory);
        } catch (IOException left) {
            return; // a temporary directory; nothing depends on it
        }
    }
}
