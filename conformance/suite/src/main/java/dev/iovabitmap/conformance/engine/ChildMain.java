package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** The child JVM, where a vendor's code runs. Started by {@link ChildJvm}; not a command for people. */
public final class ChildMain {
    private ChildMain() {}

    /** Does what its parent's {@link ChildRequest} says. */
    public static void main(String[] args) throws IOException {
        ParentJvm parent = ParentJvm.connect();
        ChildRequest request = Wire.JSON.readValue(parent.readLine(), ChildRequest.class);
        Consumer<Event> events = parent::tell;
        parent.answer();
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
