package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;
import static dev.iovabitmap.conformance.faults.Fault.library;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.subject.Library;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong about windows. */
public final class WindowFaults {
    private WindowFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap(
                        "WIN-2",
                        "the offset does not shorten the first window",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected List<IovaRange> windows() {
                                return windows((bits() + 7) >>> 3, WINDOW_BYTES, WINDOW_BYTES);
                            }
                        }),
                bitmap("WIN-3", "one window for all", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected List<IovaRange> windows() {
                        return List.of(new IovaRange(iova, length));
                    }
                }),
                bitmap("WIN-5", "bits depend on the offset", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void or(long at, int mask) {
                        super.or(pageOffset() == 0 ? at : at ^ 1, mask);
                    }
                }),
                bitmap("WIN-6", "an iteration does not start over", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private boolean done;

                    @Override
                    protected List<IovaRange> windows() {
                        List<IovaRange> windows = done ? List.of() : super.windows();
                        done = true;
                        return windows;
                    }
                }),
                bitmap("WIN-2", "the page size is an int", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected List<IovaRange> windows() {
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
                bitmap("WIN-1", "an empty window ends the list", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected List<IovaRange> windows() {
                        List<IovaRange> windows = new ArrayList<>(super.windows());
                        windows.add(new IovaRange(iova + length, 0));
                        return windows;
                    }
                }),
                bitmap("WIN-6", "an iteration that throws is never over", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public <A extends @Nullable Object, X extends Exception> void forEach(
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
                library("WIN-7", "the base page is always 4 KiB", new Library() {
                    @Override
                    public long windowLength(IovaBitmapLayout layout, long index, long pageOffset, long basePageSize) {
                        return layout.windowLength(index, pageOffset % 4096, 4096);
                    }
                }),
                library("WIN-7", "the number of windows is an int", new Library() {
                    @Override
                    public long windowCount(IovaBitmapLayout layout, long pageOffset, long basePageSize) {
                        return (int) layout.windowCount(pageOffset, basePageSize);
                    }
                }));
    }
}
