package dev.iovabitmap.conformance.subject;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets threads begin each round within nanoseconds of each other, which a barrier that parks them does not. With more threads
 * than processors it is slow, and races are rare, but nothing depends on either.
 */
public final class Rounds {
    private static final int SPINS = 1_000;

    private final int threads;
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile boolean left;

    public Rounds(int threads) {
        this.threads = threads;
    }

    /** {@return how many threads to race, at least two, and so few that all can run at once on a machine with other work} */
    public static int threads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 2, 4);
    }

    /** Waits until all threads have come as often as this one. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint: without it the threads still meet
    public void await() {
        int all = (arrived.getAndIncrement() / threads + 1) * threads;
        for (int spins = 0; arrived.get() < all && !left; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** Ends all waiting: a thread that fails keeps no other. */
    public void leave() {
        left = true;
    }
}
