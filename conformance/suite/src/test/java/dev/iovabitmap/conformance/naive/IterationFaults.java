package dev.iovabitmap.conformance.naive;

import static dev.iovabitmap.conformance.naive.Faults.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.naive.Faults.Fault;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong in windows and callbacks. */
final class IterationFaults {
    private IterationFaults() {}

    static List<Fault> iterating() {
        return List.of(
                bitmap("WIN-1", "B7: 64-bit indices skip the rest", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        if (pageOffset() % 8 == 0) {
                            return super.windows();
                        }
                        IovaRange first = super.windows().getFirst();
                        return List.of(first, new IovaRange(first.iova() + first.length(), 0));
                    }
                }),
                bitmap(
                        "WIN-2",
                        "B14: the last window is not cut at the top",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                List<IovaRange> windows = new ArrayList<>(super.windows());
                                IovaRange last = windows.removeLast();
                                long full = last.length() + 8 * pageSize - 1 & -8 * pageSize;
                                boolean wraps = U64.compare(last.iova() + full - 1, last.iova()) < 0;
                                windows.add(wraps ? new IovaRange(last.iova(), full) : last);
                                return windows;
                            }
                        }),
                bitmap(
                        "WIN-2",
                        "the offset does not shorten the first window",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                return windows((bits() + 7) >>> 3, WINDOW_BYTES, WINDOW_BYTES);
                            }
                        }),
                bitmap("WIN-3", "v6.11: one window for all", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        return List.of(new IovaRange(iova, length));
                    }
                }),
                bitmap(
                        "WIN-4",
                        "B11: the page that the offset costs is not counted",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                long bytes = (bits() + 7) >>> 3;
                                long pages = Math.min((bytes + 4095) / 4096, 512);
                                return windows(bytes, pages * 4096 - pageOffset(), WINDOW_BYTES);
                            }
                        }),
                bitmap("WIN-5", "bits depend on the offset", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void or(long at, int mask) {
                        super.or(pageOffset() == 0 ? at : at ^ 1, mask);
                    }
                }),
                bitmap("WIN-6", "an iteration does not start over", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private boolean done;

                    @Override
                    List<IovaRange> windows() {
                        List<IovaRange> windows = done ? List.of() : super.windows();
                        done = true;
                        return windows;
                    }
                }),
                bitmap("ITER-1", "the opaque argument is lost", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    @SuppressWarnings("unchecked")
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        super.<A, X>forEach(
                                (A)
                                        (opaque instanceof String text
                                                ? text.concat(" ").trim()
                                                : opaque),
                                callback);
                    }
                }),
                bitmap("ITER-1", "the callback runs in another thread", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
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
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            public <A, X extends Exception> void forEach(
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
                bitmap("ITER-3", "one thread iterates over one bitmap", (i, l, p, d) -> new OneAtATime(i, l, p, d)),
                bitmap("LIFE-3", "one thread iterates over one bitmap", (i, l, p, d) -> new OneAtATime(i, l, p, d)),
                bitmap("WIN-2", "the page size is an int", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        List<IovaRange> windows = super.windows();
                        if (windows.size() == 1 || pageOffset() == 0) {
                            return windows;
                        }
                        long start = iova + (WINDOW_BYTES - pageOffset()) * 8 * (int) pageSize;
                        IovaRange first = new IovaRange(iova, start - iova);
                        windows.set(0, first);
                        return windows;
                    }
                }),
                bitmap(
                        "SET-8",
                        "B9: what goes beyond the window marks a page and ends all",
                        (i, l, p, d) -> new SetAhead(i, l, p, d)),
                bitmap(
                        "SET-8",
                        "B12: a range that is finished early is an error",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            private boolean finished;

                            @Override
                            void mark(long first, long last) {
                                super.mark(first, last);
                                finished = iterating && first >>> 3 != last >>> 3 && last >>> 3 == bits() - 1 >>> 3;
                            }

                            @Override
                            public <A, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                finished = false;
                                super.<A, X>forEach(opaque, callback);
                                if (finished && windows().size() > 1) {
                                    throw new IllegalStateException("EFAULT");
                                }
                            }
                        }),
                bitmap("ITER-2", "what the callback throws is swallowed", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) {
                        try {
                            super.<A, X>forEach(opaque, callback);
                        } catch (Exception swallowed) {
                            requireUsable();
                        }
                    }
                }),
                bitmap("ITER-3", "a nested iteration is let through", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        iterating = false;
                        super.<A, X>forEach(opaque, callback);
                    }
                }),
                bitmap("WIN-1", "an empty window ends the list", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        List<IovaRange> windows = new ArrayList<>(super.windows());
                        windows.add(new IovaRange(iova + length, 0));
                        return windows;
                    }
                }),
                bitmap("WIN-6", "an iteration that throws is never over", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        boolean ended = false;
                        try {
                            super.<A, X>forEach(opaque, callback);
                            ended = true;
                        } finally {
                            iterating |= !ended;
                        }
                    }
                }),
                bitmap(
                        "ITER-3",
                        "a nested iteration that is refused ends the outer one",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            public <A, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                try {
                                    super.<A, X>forEach(opaque, callback);
                                } finally {
                                    iterating = false;
                                }
                            }
                        }));
    }

    /** Keeps what is under way by thread, and forgets the outer iteration with the inner one. */
    private static final class OneAtATime extends NaiveBitmap {
        private static final ThreadLocal<@Nullable NaiveBitmap> CURRENT = new ThreadLocal<>();

        OneAtATime(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        public <A, X extends Exception> void forEach(A opaque, IovaBitmapCallback<? super A, ? extends X> callback)
                throws X {
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

    /** The kernel's set-ahead with data that starts a page: the rest is of length 0, and that marked a page of bits. */
    private static final class SetAhead extends NaiveBitmap {
        private boolean ahead;

        SetAhead(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        void mark(long first, long last) {
            if (iterating && pageOffset() == 0 && (first >>> 3) / WINDOW_BYTES != (last >>> 3) / WINDOW_BYTES) {
                ahead = true;
                super.mark(first, (first >>> 3) / WINDOW_BYTES * WINDOW_BYTES * 8 + WINDOW_BYTES * 8 - 1);
            } else {
                super.mark(first, last);
            }
        }

        @Override
        public <A, X extends Exception> void forEach(A opaque, IovaBitmapCallback<? super A, ? extends X> callback)
                throws X {
            ahead = false;
            super.<A, X>forEach(opaque, (self, iova, length, same) -> {
                if (!ahead) {
                    callback.onRange(self, iova, length, same);
                    if (ahead) {
                        long next = bitOf(iova + length);
                        super.mark(next, Math.min(bits() - 1, next + 32767));
                    }
                }
            });
        }
    }
}
