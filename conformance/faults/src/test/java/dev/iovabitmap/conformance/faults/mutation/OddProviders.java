package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/** Providers that a name may lead to and that cannot be certified. */
final class OddProviders {
    private OddProviders() {}

    private abstract static class Odd implements IovaBitmapProvider {
        @Override
        public String name() {
            return "odd";
        }

        @Override
        public Set<Feature> features() {
            return Set.of();
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new UnsupportedOperationException("nobody should come to this");
        }
    }

    /** Says that it cannot work here. */
    public static final class Elsewhere extends Odd {
        static final String WHY = "it works on another machine";

        /** For the service loader. */
        public Elsewhere() {}

        @Override
        public Availability availability() {
            return Availability.unavailable(WHY);
        }
    }

    /** Cannot say whether it works here. */
    public static final class Undecided extends Odd {
        /** For the service loader. */
        public Undecided() {}

        @Override
        public Availability availability() {
            throw new IllegalStateException("it does not know where it is");
        }
    }

    /** Cannot even be made. */
    public static final class Unusable extends Odd {
        /** For the service loader. */
        public Unusable() {
            throw new IllegalStateException("no");
        }

        @Override
        public Availability availability() {
            return Availability.AVAILABLE;
        }
    }

    /** Runs something while these are on the class path, in front of the others. */
    static void among(Executable action) throws Throwable {
        Path directory = Files.createTempDirectory("providers");
        Path file = directory.resolve("META-INF/services/" + IovaBitmapProvider.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader usual = thread.getContextClassLoader();
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    Stream.of(Elsewhere.class, Undecided.class, Unusable.class)
                            .map(Class::getName)
                            .collect(Collectors.joining("\n")));
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {directory.toUri().toURL()}, usual)) {
                thread.setContextClassLoader(loader);
                action.execute();
            }
        } finally {
            thread.setContextClassLoader(usual);
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }
}
