package dev.iovabitmap.conformance.naive;

import static dev.iovabitmap.conformance.naive.Faults.bitmap;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.naive.Faults.Fault;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Wrong about what is closed, and whose it is. */
final class LifeFaults {
    private LifeFaults() {}

    static List<Fault> living() {
        return List.of(
                bitmap("LIFE-1", "marks after close are taken", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        closed = false;
                    }
                }),
                bitmap("LIFE-1", "a clipped nothing is taken after close", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        if (length != 0) {
                            super.setClipped(iova, length);
                        }
                    }
                }),
                bitmap("LIFE-2", "close clears the data", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        data.fill((byte) 0);
                    }
                }),
                bitmap("LIFE-3", "close in a callback is let through", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        closed = true;
                    }
                }),
                bitmap(
                        "LIFE-4",
                        "a closed arena is not noticed between windows",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            void requireUsable() {
                                if (!iterating) {
                                    super.requireUsable();
                                }
                            }
                        }),
                bitmap("LIFE-4", "R1: memory that is gone is ignored", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
                        if (data.scope().isAlive()) {
                            super.set(iova, length);
                        }
                    }
                }),
                bitmap(
                        "LIFE-1",
                        "the data is raw memory, without a scope",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            @SuppressWarnings("restricted") // what a vendor may well do
                            public MemorySegment data() {
                                return data.isNative()
                                        ? MemorySegment.ofAddress(data.address())
                                                .reinterpret(data.byteSize())
                                        : data;
                            }
                        }),
                bitmap("LIFE-5", "any thread may iterate", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void requireUsable() {
                        if (data.isAccessibleBy(Thread.currentThread())) {
                            super.requireUsable();
                        }
                    }
                }),
                bitmap("LIFE-1", "close cannot be repeated", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        requireUsable();
                        super.close();
                    }
                }),
                bitmap("LIFE-1", "the layout is gone after close", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public IovaBitmapLayout layout() {
                        requireUsable();
                        return super.layout();
                    }
                }),
                bitmap("LIFE-1", "the data is another segment", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public MemorySegment data() {
                        return data.asSlice(0, data.byteSize() - 8);
                    }
                }),
                bitmap("LIFE-4", "length 0 does not look at the arena", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
                        if (length != 0 || closed) {
                            super.set(iova, length);
                        }
                    }
                }));
    }
}
