package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bitmap that is right and slow, in methods that a wrong one overrides. It shares no code with the real backends. */
public class RightBitmap implements IovaBitmap {
    /** The most bitmap that a window spans. */
    protected static final long WINDOW_BYTES = 2L << 20;

    private static final VarHandle WORD =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    protected final long iova;
    protected final long length;
    protected final long pageSize;
    protected final int shift;
    protected final MemorySegment data;
    protected boolean closed;
    protected boolean iterating;

    /** Creates a bitmap from arguments that were checked. */
    public RightBitmap(long iova, long length, long pageSize, MemorySegment data) {
        this.iova = iova;
        this.length = length;
        this.pageSize = pageSize;
        this.shift = Long.numberOfTrailingZeros(pageSize);
        this.data = data;
    }

    @Override
    public IovaBitmapLayout layout() {
        return new IovaBitmapLayout(iova, length, pageSize);
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public void set(long iova, long length) {
        requireUsable();
        if (!takes(iova, length)) {
            throw new IndexOutOfBoundsException("range " + U64.show(iova) + ", " + U64.show(length));
        }
        if (length != 0) {
            mark(bitOf(iova), bitOf(iova + length - 1));
        }
    }

    @Override
    public <A extends @Nullable Object, X extends Exception> void forEach(
            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
        requireUsable();
        if (iterating) {
            throw new IllegalStateException("nested");
        }
        iterating = true;
        try {
            for (IovaRange window : windows()) {
                requireUsable();
                callback.onRange(this, window.iova(), window.length(), opaque);
            }
        } finally {
            iterating = false;
        }
    }

    @Override
    public void close() {
        if (iterating) {
            throw new IllegalStateException("close in a callback");
        }
        closed = true;
    }

    protected void requireUsable() {
        if (closed || !data.scope().isAlive()) {
            throw new IllegalStateException("closed");
        }
        if (!data.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("data of another thread");
        }
    }

    protected boolean takes(long iova, long length) {
        long offset = iova - this.iova;
        return U64.compare(offset, this.length) <= 0 && U64.compare(length, this.length - offset) <= 0;
    }

    protected long bitOf(long iova) {
        return (iova - this.iova) >>> shift;
    }

    protected long bits() {
        return ((length - 1) >>> shift) + 1;
    }

    protected void mark(long first, long last) {
        for (long at = first >>> 3; at <= last >>> 3; at++) {
            int low = at == first >>> 3 ? (int) (first & 7) : 0;
            int high = at == last >>> 3 ? (int) (last & 7) : 7;
            or(at, (0xff << low) & (0xff >> (7 - high)));
        }
    }

    /** Atomic where memory can be: in words that are aligned. */
    protected void or(long at, int mask) {
        if (data.maxByteAlignment() < 8 || data.address() % 8 != 0) {
            orPlainly(at, mask);
        } else {
            long unused = (long) WORD.getAndBitwiseOr(data, at & -8, (long) mask << ((at & 7) * 8));
        }
    }

    protected final void orPlainly(long at, int mask) {
        data.set(ValueLayout.JAVA_BYTE, at, (byte) (data.get(ValueLayout.JAVA_BYTE, at) | mask));
    }

    protected long pageOffset() {
        return data.address() % 4096;
    }

    protected List<IovaRange> windows() {
        return windows((bits() + 7) >>> 3, WINDOW_BYTES - pageOffset(), WINDOW_BYTES);
    }

    /** Windows of so many bytes of bitmap, the first of another size than the rest. */
    protected List<IovaRange> windows(long bytes, long firstSize, long size) {
        List<IovaRange> windows = new ArrayList<>();
        long at = 0;
        while (at < bytes) {
            long end = Math.min(bytes, at + (at == 0 ? firstSize : size));
            long start = iova + (at << 3 << shift);
            long stop = end == bytes ? iova + length : iova + (end << 3 << shift);
            windows.add(new IovaRange(start, stop - start));
            at = end;
        }
        return windows;
    }
}
