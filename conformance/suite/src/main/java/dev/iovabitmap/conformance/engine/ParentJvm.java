package dev.iovabitmap.conformance.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The JVM that started this one and watches it, as this one knows it. This one ends with it. */
public final class ParentJvm {
    private final BufferedReader in;
    private final OutputStream out;
    private final String nonce;

    private ParentJvm(BufferedReader in, OutputStream out) throws IOException {
        this.in = in;
        this.out = out;
        this.nonce = readLine();
    }

    /** {@return the parent, which has the standard input and output for itself from now on} */
    public static ParentJvm connect() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        // whatever a provider prints must not come between two events
        System.setIn(InputStream.nullInputStream());
        System.setOut(System.err);
        return new ParentJvm(in, out);
    }

    String readLine() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("there is no parent that says what to do");
        }
        return line;
    }

    /** Answers what the parent asks from now on, in another thread. */
    public void answer() {
        Thread.ofPlatform().daemon().name("parent").start(this::answerAll);
    }

    private void answerAll() {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                switch (line) {
                    case Wire.ASK_FOR_LOOK -> tell(new Event.Looked(Snapshot.take()));
                    case Wire.ASK_FOR_THREADS -> tell(new Event.Threads(ThreadDump.take()));
                    default -> throw new IOException("'" + line + "' is no request");
                }
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } finally {
            Runtime.getRuntime().halt(1); // nobody is left to read what this JVM finds
        }
    }

    /** Sends an event. */
    public synchronized void tell(Event event) {
        try {
            out.write((nonce + Wire.JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException parentIsGone) {
            Runtime.getRuntime().halt(1);
        }
    }
}
