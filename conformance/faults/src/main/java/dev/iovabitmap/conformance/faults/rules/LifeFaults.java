package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Wrong about what is closed, and whose it is. */
public final class LifeFaults {
    private LifeFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap("LIFE-1", "marks after close are taken", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        closed = false;
                    }
                }),
                bitmap("LIFE-1", "a clipped nothing is taken after close", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        if (length != 0) {
                            super.setClipped(iova, length);
                        }
                    }
                }),
                bitmap("LIFE-2", "close clears the data", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        data.fill((byte) 0);
                    }
                }),
                bitmap("LIFE-3", "close in a callback is let through", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        closed = true;
                    }
                }),
                bitmap(
                        "LIFE-4",
                        "a closed arena is not noticed between windows",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected void requireUsable() {
                                if (!iterating) {
                                    super.requireUsable();
                                }
                            }
                        }),
                bitmap(
                        "LIFE-1",
                        "the data is raw memory, without a scope",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            @SuppressWarnings("restricted") // what a vendor may well do
                            public MemorySegment data() {
                                return data.isNative()
                                        ? MemorySegment.ofAddress(data.address())
                                                .reinterpret(data.byteSize())
                                        : data;
                            }
                        }),
                bitmap("LIFE-5", "any thread may iterate", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void requireUsable() {
                        if (data.isAccessibleBy(Thread.currentThread())) {
                            super.requireUsable();
                        }
                    }
                }),
                bitmap("LIFE-1", "close cannot be repeated", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        requireUsable();
                        super.close();
                    }
                }),
                bitmap("LIFE-1", "the layout is gone after close", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public IovaBitmapLayout layout() {
                        requireUsable();
                        return super.layout();
                    }
                }),
                bitmap("LIFE-1", "the data is another segment", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public MemorySegment data() {
                        return data.asSlice(0, data.byteSize() - 8);
                    }
                }),
                bitmap("LIFE-4", "length 0 does not look at the arena", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
                        if (length != 0 || closed) {
                            super.set(iova, length);
                        }
                    }
                }),
                bitmap("LIFE-3", "another thread may close", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private final Thread owner = Thread.currentThread();

                    @Override
                    public void close() {
                        if (Thread.currentThread() == owner) {
                            super.close();
                        } else {
                            closed = true;
                        }
                    }
                }));
    }
}
