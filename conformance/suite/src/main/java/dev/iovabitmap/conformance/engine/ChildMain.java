package dev.iovabitmap.conformance.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** The child JVM, where a vendor's code runs. Started by {@link ChildProcess}; not a command for people. */
public final class ChildMain {
    private ChildMain() {}

    /** Reads a {@link Job} from standard input, does it, and writes events to standard output. */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        // whatever a provider prints must not come between two events
        System.setIn(InputStream.nullInputStream());
        System.setOut(System.err);
        Job job = Wire.JSON.readValue(in.readLine(), Job.class);
        Consumer<Event> events = event -> send(job.nonce(), event, out);
        Thread.ofPlatform().daemon().name("parent").start(() -> obey(in, events));
        if (job.provider() == null) {
            list(job.skip(), events);
        } else if (job.examine() != null) {
            new Interview(events).examine(job.provider(), job.examine());
            events.accept(new Event.Done());
        } else if (job.order() == null) {
            listOne(job.provider(), events);
            events.accept(new Event.Done());
        } else {
            IovaBitmapProvider provider = new Interview(events).create(job.provider());
            if (provider == null) {
                events.accept(new Event.Done());
            } else {
                Examination.run(provider, job.order(), events);
            }
        }
        // a provider may have left threads and shutdown hooks behind
        Runtime.getRuntime().halt(0);
    }

    private static synchronized void send(String nonce, Event event, OutputStream out) {
        try {
            out.write((nonce + Wire.JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException parentIsGone) {
            Runtime.getRuntime().halt(1);
        }
    }

    private static void obey(BufferedReader in, Consumer<Event> events) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals(Wire.ASK_FOR_THREADS)) {
                    events.accept(new Event.Threads(ThreadDump.take()));
                }
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } finally {
            Runtime.getRuntime().halt(1); // nobody is left to read what this JVM finds
        }
    }

    private static void list(List<String> skip, Consumer<Event> events) {
        events.accept(new Event.Stage("", "looking for providers"));
        Iterator<ServiceLoader.Provider<IovaBitmapProvider>> found =
                ServiceLoader.load(IovaBitmapProvider.class).stream().iterator();
        while (true) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                String className = found.next().type().getName();
                if (!skip.contains(className)) {
                    listOne(className, events);
                }
            } catch (ServiceConfigurationError broken) {
                if (!skip.contains(Failures.brief(broken))) {
                    events.accept(new Event.Unnamed(Failures.brief(broken), Failures.brief(broken), false));
                }
            }
        }
        events.accept(new Event.Done());
    }

    private static void listOne(String className, Consumer<Event> events) {
        Interview interview = new Interview(events);
        IovaBitmapProvider provider = interview.create(className);
        String name = provider == null ? null : interview.name(provider);
        if (provider != null && name != null) {
            DeviceInterview.Ways ways = interview.waysOf(provider);
            events.accept(new Event.Found(className, name, ways.simulated(), ways.transports()));
        }
    }
}
