package dev.iovabitmap.conformance.naive;

import static dev.iovabitmap.conformance.naive.Faults.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.naive.Faults.Fault;
import dev.iovabitmap.conformance.subject.U64;
import java.util.ArrayList;
import java.util.List;

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
}
