package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Runner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The backends of a class path, asked in child JVMs. */
final class Backends {
    private Backends() {}

    /** {@return what a provider says of itself, or null if it does not answer} */
    static Runner.@Nullable Listed ask(String className, List<Path> path, Duration patience)
            throws InterruptedException {
        try {
            return Runner.ask(className, path, patience);
        } catch (IOException failed) {
            throw new HarnessException("the child JVM cannot be started: " + failed.getMessage(), failed);
        }
    }

    static Runner.Listing list(List<Path> path, Duration patience) throws InterruptedException {
        try {
            return Runner.list(path, patience);
        } catch (IOException failed) {
            throw new HarnessException("cannot list the backends: " + failed.getMessage(), failed);
        }
    }

    static Runner.Listed named(Runner.Listing listing, String name) {
        List<Runner.Listed> found =
                listing.found().stream().filter(one -> one.name().equals(name)).toList();
        if (found.isEmpty()) {
            String others = listing.found().stream().map(Runner.Listed::name).collect(Collectors.joining(", "));
            throw new UsageException("no backend is named '" + name + "'; there "
                    + (others.isEmpty() ? "is none" : "are: " + others) + broken(listing));
        }
        return onlyOne(found);
    }

    static List<Runner.Listed> unique(Runner.Listing listing) {
        listing.found().stream()
                .collect(Collectors.groupingBy(Runner.Listed::name))
                .values()
                .forEach(Backends::onlyOne);
        return listing.found();
    }

    private static Runner.Listed onlyOne(List<Runner.Listed> found) {
        if (found.size() > 1) {
            throw new UsageException("two backends are named '" + found.get(0).name() + "': "
                    + found.get(0).provider() + " and " + found.get(1).provider());
        }
        return found.get(0);
    }

    static String broken(Runner.Listing listing) {
        return listing.unnamed().stream().map(one -> "; and " + one.problem()).collect(Collectors.joining());
    }
}
