package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Wrong about other threads. */
public final class ConcFaults {
    private ConcFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap("CONC-2", "a set is not atomic", (i, l, p, d) -> new Torn(i, l, p, d)),
                bitmap("CONC-2", "a set is only safe from other sets", (i, l, p, d) -> new Torn(i, l, p, d) {
                    @Override
                    public synchronized void set(long iova, long length) {
                        super.set(iova, length);
                    }
                }),
                // a lock around the iteration would hang, which only the watchdog of a child ends: so it throws instead
                bitmap("CONC-2", "a set waits for the iteration to end", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private volatile @Nullable Thread iterator;

                    @Override
                    public <A extends @Nullable Object, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        iterator = Thread.currentThread();
                        try {
                            super.<A, X>forEach(opaque, callback);
                        } finally {
                            iterator = null;
                        }
                    }

                    @Override
                    protected void mark(long first, long last) {
                        if (iterator != null && iterator != Thread.currentThread()) {
                            throw new IllegalStateException("would wait for the iteration");
                        }
                        super.mark(first, last);
                    }
                }));
    }

    /**
     * Reads a byte and writes it back later, which undoes whatever others have made of it in between. No luck is needed: one
     * thread at a time waits with what it has read until another has changed the byte. If none does, because all others are
     * ahead, it tries again a round of the test later.
     */
    private static class Torn extends RightBitmap {
        private static final int WAITS = 64;
        private static final int PATIENCE = 200;
        private static final int ROUND = 128; // bytes, as many as threads mark between two meetings

        private final Thread first = Thread.currentThread();
        private final AtomicInteger waits = new AtomicInteger();
        private final AtomicBoolean waiting = new AtomicBoolean();
        private volatile boolean undone;

        Torn(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        protected void or(long at, int mask) {
            byte read = data.get(ValueLayout.JAVA_BYTE, at);
            boolean others = !undone && Thread.currentThread() != first && waits.get() < WAITS;
            if (others && at % ROUND == 0 && read != 0 && waiting.compareAndSet(false, true)) {
                waits.incrementAndGet();
                awaitChange(at, read);
                waiting.set(false);
            }
            data.set(ValueLayout.JAVA_BYTE, at, (byte) (read | mask));
        }

        @SuppressWarnings("ThreadPriorityCheck") // a hint: the other thread comes without it too
        private void awaitChange(long at, byte read) {
            for (int spins = 0; spins < PATIENCE && !undone; spins++) {
                Thread.yield();
                undone = data.get(ValueLayout.JAVA_BYTE, at) != read;
            }
        }
    }
}
