package dev.iovabitmap.conformance.vendor;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Providers that are wrong in one way each. */
public final class Wrong {
    private Wrong() {}

    private static <T> T hang() {
        while (true) {
            LockSupport.park();
        }
    }

    @SuppressWarnings("restricted")
    private static void crash() {
        MemorySegment.ofAddress(1 << 12).reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 1);
    }

    public static final class AcceptsLengthZero extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return super.allocate(iova, length == 0 ? 1 : length, pageSize, data);
        }
    }

    public static class ThrowsInAllocate extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new IllegalCallerException("not <today> \u0001 ]]> " + data);
        }
    }

    public static final class ThrowsToo extends ThrowsInAllocate {
        @Override
        public String name() {
            return "throws-too";
        }
    }

    public static final class LinksInAllocate extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new NoSuchMethodError("gone()");
        }
    }

    public static final class Unavailable extends Right {
        @Override
        public Availability availability() {
            return Availability.unavailable("the moon is not full");
        }
    }

    public static final class Chatty extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            System.out.print("{\"event\":\"done\"} ");
            throw new IllegalCallerException("not today");
        }
    }

    /** Steers the terminal with all that it says. */
    public static final class Steers extends Right {
        private static final String CODE = "\u001b[31m \u009b31m \u202e";

        @Override
        public String version() {
            return CODE;
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            System.out.println(CODE);
            throw new IllegalCallerException(CODE);
        }
    }

    // hangs

    public static final class HangsInConstructor extends Right {
        public HangsInConstructor() {
            hang();
        }
    }

    public static final class HangsInFeatures extends Right {
        @Override
        public Set<Feature> features() {
            return hang();
        }
    }

    /** Right but in three tests: one finds it hanging, one does not outlive it, and one crashes. */
    public static class LosesThree extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            if (isIn("takesLengthOne")) {
                hang();
            }
            if (isIn("refusesReadOnlyData")) {
                System.err.println("good bye");
                Runtime.getRuntime().halt(9);
            }
            if (isIn("changesNoBit")) {
                crash();
            }
            return super.allocate(iova, length, pageSize, data);
        }

        private static boolean isIn(String test) {
            return StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getMethodName().equals(test)));
        }
    }

    // deaths

    public static final class ExitsInConstructor extends Right {
        public ExitsInConstructor() {
            System.exit(0);
        }
    }

    public static final class ExitsInFeatures extends Right {
        @Override
        public Set<Feature> features() {
            System.exit(7);
            return Set.of();
        }
    }

    public static final class ExitsInAllocate extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            System.err.println("good bye");
            System.exit(0);
            return super.allocate(iova, length, pageSize, data);
        }
    }

    public static final class HaltsInAllocate extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            Runtime.getRuntime().halt(9);
            return super.allocate(iova, length, pageSize, data);
        }
    }

    /** Puts a link to a file of somebody's where the log of a crash would be. */
    public static final class LinksTheCrashLog extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            String option = "-XX:ErrorFile=";
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith(option))
                    .forEach(argument -> link(Path.of(argument.substring(option.length()))));
            Runtime.getRuntime().halt(9);
            return super.allocate(iova, length, pageSize, data);
        }

        private static void link(Path log) {
            try {
                Files.createSymbolicLink(log, Path.of("/etc/passwd"));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    public static final class RunsOutOfMemory extends Right {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new OutOfMemoryError("pretended");
        }
    }

    // wrong answers

    public static final class ThrowsInConstructor extends Right {
        public ThrowsInConstructor() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInInitializer extends Right {
        private static final String LUCK = luck();

        private static String luck() {
            throw new IllegalStateException("no luck");
        }

        @Override
        public String name() {
            return LUCK;
        }
    }

    public static final class ThrowsInName extends Right {
        @Override
        public String name() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInVersion extends Right {
        @Override
        public String version() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInFeatures extends Right {
        @Override
        public Set<Feature> features() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInAvailability extends Right {
        @Override
        public Availability availability() {
            throw new IllegalStateException("no luck");
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullName extends Right {
        @Override
        public String name() {
            return null;
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullFeatures extends Right {
        @Override
        public Set<Feature> features() {
            return null;
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullAvailability extends Right {
        @Override
        public Availability availability() {
            return null;
        }
    }

    public static final class ClimbingName extends Right {
        @Override
        public String name() {
            return "../x";
        }
    }

    // what cannot be a provider at all

    public abstract static class IsAbstract extends Right {}

    public static final class NeedsArgument extends Right {
        public NeedsArgument(String argument) {}
    }

    static final class NotPublic extends Right {}

    public static final class NoProvider {}
}
