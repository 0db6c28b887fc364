package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The provider under test and the seed. Static, because jqwik hands nothing of a launcher's to its tests; the engine lets
 * one run through at a time.
 */
public final class Subject {
    private static volatile @Nullable Subject current;

    private final IovaBitmapProvider provider;
    private final long seed;

    private Subject(IovaBitmapProvider provider, long seed) {
        this.provider = provider;
        this.seed = seed;
    }

    /** Called by the engine before a run. */
    public static void enter(IovaBitmapProvider provider, long seed) {
        current = new Subject(provider, seed);
    }

    /** Called by the engine after a run. */
    public static void leave() {
        current = null;
    }

    /** {@return whether a run is under way; tests of our own reading need none} */
    public static boolean hasProvider() {
        return current != null;
    }

    /** {@return the provider under test} */
    public static IovaBitmapProvider provider() {
        return current().provider;
    }

    /** {@return the seed of the run; every random choice of a test follows from it} */
    public static long seed() {
        return current().seed;
    }

    private static Subject current() {
        return Objects.requireNonNull(current, "no run is under way");
    }
}
