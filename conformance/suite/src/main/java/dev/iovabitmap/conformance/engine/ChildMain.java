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

/** The child JVM, where a vendor's code runs. Started by {@link ChildJvm}; not a command for people. */
public final class ChildMain {
    private ChildMain() {}

    /** Reads a {@link ChildRequest} from standard input, does it, and writes events to standard output. */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        // whatever a provider prints must not come between two events
        System.setIn(InputStream.nullInputStream());
        System.setOut(System.err);
        ChildRequest request = Wire.JSON.readValue(in.readLine(), ChildRequest.class);
        Consumer<Event> events = event -> send(request.nonce(), event, out);
        Thread.ofPlatform().daemon().name("parent").start(() -> obey(in, events));
        if (request.provider() == null) {
            list(request.skip(), events);
        } else if (request.examine() != null) {
            new ProviderProbe(events).examine(request.provider(), request.examine());
            events.accept(new Event.Done());
        } else if (request.order() == null) {
            listOne(request.provider(), events);
            events.accept(new Event.Done());
        } else {
            IovaBitmapProvider provider = new ProviderProbe(events).create(request.provider());
            if (provider == null) {
                events.accept(new Event.Done());
            } else {
                ProviderRun.run(provider, request.order(), request.skip(), events);
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
                switch (line) {
                    case Wire.ASK_FOR_LOOK -> events.accept(new Event.Looked(Snapshot.take()));
                    case Wire.ASK_FOR_THREADS -> events.accept(new Event.Threads(ThreadDump.take()));
                    default -> throw new IOException("'" + line + "' is no request");
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
        ProviderProbe probe = new ProviderProbe(events);
        IovaBitmapProvider provider = probe.create(className);
        String name = provider == null ? null : probe.name(provider);
        if (provider != null && name != null) {
            DeviceProbe.Ways ways = probe.waysOf(provider);
            events.accept(new Event.Found(className, name, ways.simulated(), ways.transports()));
        }
    }
}
