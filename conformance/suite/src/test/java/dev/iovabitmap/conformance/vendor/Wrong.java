package dev.iovabitmap.conformance.vendor;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    public static final class AcceptsLengthZero extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return super.allocate(iova, length == 0 ? 1 : length, pageSize, data);
        }
    }

    public static final class ThrowsInAllocate extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new IllegalCallerException("not <today> \u0001 ]]> " + data);
        }
    }

    public static final class LinksInAllocate extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new NoSuchMethodError("gone()");
        }
    }

    public static final class Unavailable extends Naive {
        @Override
        public Availability availability() {
            return Availability.unavailable("the moon is not full");
        }
    }

    public static final class Chatty extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            System.out.print("{\"event\":\"done\"} ");
            return super.allocate(iova, length, pageSize, data);
        }
    }

    // hangs

    public static final class HangsInConstructor extends Naive {
        public HangsInConstructor() {
            hang();
        }
    }

    public static final class HangsInName extends Naive {
        @Override
        public String name() {
            return hang();
        }
    }

    public static final class HangsInFeatures extends Naive {
        @Override
        public Set<Feature> features() {
            return hang();
        }
    }

    public static final class HangsInAvailability extends Naive {
        @Override
        public Availability availability() {
            return hang();
        }
    }

    public static final class HangsInAllocate extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return hang();
        }
    }

    // deaths

    public static final class ExitsInConstructor extends Naive {
        public ExitsInConstructor() {
            System.exit(0);
        }
    }

    public static final class ExitsInFeatures extends Naive {
        @Override
        public Set<Feature> features() {
            System.exit(7);
            return Set.of();
        }
    }

    public static final class ExitsInAllocate extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            System.err.println("good bye");
            System.exit(0);
            return super.allocate(iova, length, pageSize, data);
        }
    }

    public static final class HaltsInAllocate extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            Runtime.getRuntime().halt(9);
            return super.allocate(iova, length, pageSize, data);
        }
    }

    public static final class CrashesInAllocate extends Naive {
        @Override
        @SuppressWarnings("restricted")
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            MemorySegment.ofAddress(1 << 12).reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 1);
            return super.allocate(iova, length, pageSize, data);
        }
    }

    public static final class RunsOutOfMemory extends Naive {
        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            throw new OutOfMemoryError("pretended");
        }
    }

    // wrong answers

    public static final class ThrowsInConstructor extends Naive {
        public ThrowsInConstructor() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInName extends Naive {
        @Override
        public String name() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInVersion extends Naive {
        @Override
        public String version() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInFeatures extends Naive {
        @Override
        public Set<Feature> features() {
            throw new IllegalStateException("no luck");
        }
    }

    public static final class ThrowsInAvailability extends Naive {
        @Override
        public Availability availability() {
            throw new IllegalStateException("no luck");
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullName extends Naive {
        @Override
        public String name() {
            return null;
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullFeatures extends Naive {
        @Override
        public Set<Feature> features() {
            return null;
        }
    }

    @SuppressWarnings("NullAway")
    public static final class NullAvailability extends Naive {
        @Override
        public Availability availability() {
            return null;
        }
    }

    public static final class ClimbingName extends Naive {
        @Override
        public String name() {
            return "../x";
        }
    }

    // what cannot be a provider at all

    public abstract static class IsAbstract extends Naive {}

    public static final class NeedsArgument extends Naive {
        public NeedsArgument(String argument) {}
    }

    static final class NotPublic extends Naive {}

    public static final class NoProvider {}

}
