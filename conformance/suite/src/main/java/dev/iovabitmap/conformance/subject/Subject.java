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
    private final Hardware hardware;

    private Subject(IovaBitmapProvider provider, long seed, Hardware hardware) {
        this.provider = provider;
        this.seed = seed;
        this.hardware = hardware;
    }

    /** Called by the engine before a run. */
    public static void enter(IovaBitmapProvider provider, long seed, Hardware hardware) {
        current = new Subject(provider, seed, hardware);
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
        Steps.count();
        return current().provider;
    }

    /** {@return the seed of the run; every random choice of a test follows from it} */
    public static long seed() {
        return current().seed;
    }

    /** {@return how the device of the run is reached} */
    public static Hardware hardware() {
        return current().hardware;
    }

    private static Subject current() {
        return Objects.requireNonNull(current, "no run is under way");
    }
}
