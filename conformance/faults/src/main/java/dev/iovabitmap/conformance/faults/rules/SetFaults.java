package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong about what a range marks. */
public final class SetFaults {
    private SetFaults() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap("SET-8", "an interrupted thread marks nothing", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        if (!Thread.currentThread().isInterrupted()) {
                            super.mark(first, last);
                        }
                    }
                }),
                bitmap("SET-8", "marking takes the interrupt", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        super.mark(first, last);
                        boolean unused = Thread.interrupted();
                    }
                }),
                bitmap("SET-1", "the last page of the range is lost", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        super.mark(first, last == bits() - 1 && first < last ? last - 1 : last);
                    }
                }),
                bitmap("SET-2", "a run stops at the word", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        super.mark(first, Math.min(last, first | 63));
                    }
                }),
                bitmap("SET-3", "a byte is stored and not ORed", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void or(long at, int mask) {
                        data.set(ValueLayout.JAVA_BYTE, at, (byte) mask);
                    }
                }),
                bitmap("SET-4", "the length counts pages", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected void mark(long first, long last) {
                        super.mark(first, Math.min(bits() - 1, last == first ? last + 1 : last));
                    }
                }),
                bitmap("SET-5", "addresses are compared signed", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected boolean takes(long iova, long length) {
                        return length == 0
                                ? super.takes(iova, length)
                                : iova >= this.iova
                                        && iova + length - 1 <= this.iova + this.length - 1
                                        && super.takes(iova, 1);
                    }
                }),
                bitmap("SET-6", "length 0 is refused", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected boolean takes(long iova, long length) {
                        return length != 0 && super.takes(iova, length);
                    }
                }),
                bitmap("SET-8", "a callback marks its window only", (i, l, p, d) -> new WindowOnly(i, l, p, d)),
                bitmap("SET-6", "length 0 is taken anywhere", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    protected boolean takes(long iova, long length) {
                        return length == 0 || super.takes(iova, length);
                    }
                }),
                bitmap(
                        "SET-6",
                        "length 0 is refused behind the last address",
                        (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected boolean takes(long iova, long length) {
                                return super.takes(iova, length == 0 ? 1 : length);
                            }
                        }),
                bitmap("SET-7", "a length is compared signed", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        super.setClipped(iova, Math.max(0, length));
                    }
                }),
                bitmap("SET-7", "a range that wraps is dropped", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        super.setClipped(iova, U64.compare(iova + length - 1, iova) < 0 ? 0 : length);
                    }
                }),
                bitmap("SET-3", "the same range again is skipped", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private long lastFirst = -1;
                    private long lastLast = -1;

                    @Override
                    protected void mark(long first, long last) {
                        if (first != lastFirst || last != lastLast) {
                            super.mark(first, last);
                        }
                        lastFirst = first;
                        lastLast = last;
                    }
                }),
                bitmap("SET-3", "words are written from a copy", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private final byte @Nullable [] copy =
                            d.byteSize() < 1 << 20 ? d.toArray(ValueLayout.JAVA_BYTE) : null;

                    @Override
                    protected void or(long at, int mask) {
                        if (copy == null) {
                            super.or(at, mask);
                        } else {
                            copy[(int) at] |= (byte) mask;
                            data.set(ValueLayout.JAVA_BYTE, at, copy[(int) at]);
                        }
                    }
                }),
                bitmap("SET-8", "only the thread that allocated may mark", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                    private final Thread owner = Thread.currentThread();

                    @Override
                    protected void requireUsable() {
                        super.requireUsable();
                        if (Thread.currentThread() != owner) {
                            throw new WrongThreadException("allocated by " + owner);
                        }
                    }
                }));
    }

    private static final class WindowOnly extends RightBitmap {
        private IovaRange window = new IovaRange(0, 0);

        WindowOnly(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        public <A extends @Nullable Object, X extends Exception> void forEach(
                A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
            super.<A, X>forEach(opaque, (self, iova, length, same) -> {
                window = new IovaRange(iova, length);
                callback.onRange(self, iova, length, same);
            });
        }

        @Override
        protected void mark(long first, long last) {
            super.mark(first, iterating ? Math.min(last, bitOf(window.iova() + window.length() - 1)) : last);
        }
    }
}
