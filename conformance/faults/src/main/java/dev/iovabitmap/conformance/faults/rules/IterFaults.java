package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.subject.InThread;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong about callbacks. */
public final class IterFaults {
    private IterFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap("ITER-1", "the opaque argument is lost", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    @SuppressWarnings("unchecked")
                    public <A extends @Nullable Object, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        super.<A, X>forEach(
                                (A)
                                        (opaque instanceof String text
                                                ? text.concat(" ").trim()
                                                : opaque),
                                callback);
                    }
                }),
                bitmap("ITER-1", "the callback runs in another thread", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public <A extends @Nullable Object, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        super.<A, X>forEach(
                                opaque,
                                (self, iova, length, same) ->
                                        InThread.run(() -> callback.onRange(self, iova, length, same)));
                    }
                }),
                bitmap(
                        "ITER-2",
                        "only what is unchecked ends the iteration",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                boolean unchecked = false;
                                boolean ended = false;
                                try {
                                    super.<A, X>forEach(opaque, callback);
                                    ended = true;
                                } catch (RuntimeException thrown) {
                                    unchecked = true;
                                    throw thrown;
                                } finally {
                                    iterating |= !ended && !unchecked;
                                }
                            }
                        }),
                bitmap("ITER-3", "a nested iteration is let through", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public <A extends @Nullable Object, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        iterating = false;
                        super.<A, X>forEach(opaque, callback);
                    }
                }),
                bitmap(
                        "ITER-3",
                        "a nested iteration that is refused ends the outer one",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                try {
                                    super.<A, X>forEach(opaque, callback);
                                } finally {
                                    iterating = false;
                                }
                            }
                        }),
                bitmap("ITER-3", "one thread iterates over one bitmap", (i, l, p, d) -> new OneAtATime(i, l, p, d))
                        .alsoBreaking("LIFE-3"));
    }

    /** Keeps what is under way by thread, and forgets the outer iteration with the inner one. */
    private static final class OneAtATime extends RightBitmap {
        private static final ThreadLocal<@Nullable RightBitmap> CURRENT = new ThreadLocal<>();

        OneAtATime(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        public <A extends @Nullable Object, X extends Exception> void forEach(
                A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
            iterating = CURRENT.get() == this;
            try {
                super.<A, X>forEach(opaque, (self, iova, length, same) -> {
                    CURRENT.set(this);
                    callback.onRange(self, iova, length, same);
                });
            } finally {
                CURRENT.remove();
            }
        }

        @Override
        public void close() {
            iterating = CURRENT.get() == this;
            super.close();
        }
    }
}
