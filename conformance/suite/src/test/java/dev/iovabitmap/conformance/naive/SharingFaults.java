package dev.iovabitmap.conformance.naive;

import static dev.iovabitmap.conformance.naive.Faults.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.naive.Faults.Fault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong about who else is there: the owner of the words, other bitmaps and other threads. */
final class SharingFaults {
    private SharingFaults() {}

    static List<Fault> sharing() {
        return List.of(
                bitmap("SET-3", "the same range again is skipped", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private long lastFirst = -1;
                    private long lastLast = -1;

                    @Override
                    void mark(long first, long last) {
                        if (first != lastFirst || last != lastLast) {
                            super.mark(first, last);
                        }
                        lastFirst = first;
                        lastLast = last;
                    }
                }),
                bitmap("SET-3", "words are written from a copy", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private final byte @Nullable [] copy =
                            d.byteSize() < 1 << 20 ? d.toArray(ValueLayout.JAVA_BYTE) : null;

                    @Override
                    void or(long at, int mask) {
                        if (copy == null) {
                            super.or(at, mask);
                        } else {
                            copy[(int) at] |= (byte) mask;
                            data.set(ValueLayout.JAVA_BYTE, at, copy[(int) at]);
                        }
                    }
                }),
                bitmap("SET-8", "only the thread that allocated may mark", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private final Thread owner = Thread.currentThread();

                    @Override
                    void requireUsable() {
                        super.requireUsable();
                        if (Thread.currentThread() != owner) {
                            throw new WrongThreadException("allocated by " + owner);
                        }
                    }
                }),
                bitmap("LIFE-3", "another thread may close", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private final Thread owner = Thread.currentThread();

                    @Override
                    public void close() {
                        if (Thread.currentThread() == owner) {
                            super.close();
                        } else {
                            closed = true;
                        }
                    }
                }),
                bitmap("CONC-2", "a set is not atomic", (i, l, p, d) -> new Torn(i, l, p, d)),
                bitmap("CONC-2", "a set is only safe from other sets", (i, l, p, d) -> new Torn(i, l, p, d) {
                    @Override
                    public synchronized void set(long iova, long length) {
                        super.set(iova, length);
                    }
                }),
                // a lock around the iteration would hang, which only the watchdog of a child ends: so it throws instead
                bitmap("CONC-2", "a set waits for the iteration to end", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
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
                    void mark(long first, long last) {
                        if (iterator != null && iterator != Thread.currentThread()) {
                            throw new IllegalStateException("would wait for the iteration");
                        }
                        super.mark(first, last);
                    }
                }));
    }

    /** Reads, lets others run, and writes: now and then, so that a race is sure on one processor too, and the test is short. */
    private static class Torn extends NaiveBitmap {
        Torn(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        void mark(long first, long last) {
            if (first % 64 != 0) {
                super.mark(first, last);
                return;
            }
            byte before = data.get(ValueLayout.JAVA_BYTE, first >>> 3);
            Thread.yield();
            data.set(ValueLayout.JAVA_BYTE, first >>> 3, before);
            super.mark(first, last);
        }

        @Override
        void or(long at, int mask) {
            orPlainly(at, mask);
        }
    }
}
