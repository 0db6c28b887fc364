package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Geometry.Bits;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A bitmap of the provider under test over guarded data, next to the model. Every operation is checked when it returns. */
public final class Rig implements AutoCloseable {
    /** Longer histories are cut in messages. */
    private static final int SHOWN_OPERATIONS = 24;

    /** No test has nearly as many: an iteration that goes on after them does not end. */
    static final int MOST_WINDOWS = 10_000;

    private final Geometry geometry;
    private final Arena arena;
    private final GuardedData guarded;
    private final List<String> operations = new ArrayList<>();
    private IovaBitmap bitmap;

    /** What a test does that may throw anything. */
    @FunctionalInterface
    public interface Action {
        void run() throws Throwable;
    }

    private Rig(Geometry geometry, Fill fill, Arena arena) {
        this.geometry = geometry;
        this.arena = arena;
        this.guarded = allocate(geometry, fill, arena);
        this.bitmap = unfailing("allocate", () -> over(geometry, guarded.data()));
        guarded.check(this);
    }

    /** {@return a bitmap of the provider under test, over words that the caller has} */
    public static IovaBitmap over(Geometry geometry, MemorySegment data) {
        return Subject.provider().allocate(geometry.iova(), geometry.length(), geometry.pageSize(), data);
    }

    /** {@return a rig whose bits are all 0} */
    public static Rig of(Geometry geometry) {
        return of(geometry, Fill.CLEAN);
    }

    /** {@return a rig with data of this thread's} */
    public static Rig of(Geometry geometry, Fill fill) {
        return in(Arena.ofConfined(), geometry, fill);
    }

    /** {@return a rig with data in an arena, which it closes} */
    public static Rig in(Arena arena, Geometry geometry, Fill fill) {
        try {
            return new Rig(geometry, fill, arena);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** {@return guarded data of a kind that the provider takes, at the offset that the geometry wants} */
    public static GuardedData allocate(Geometry geometry, Fill fill, Arena arena) {
        return allocate(geometry, geometry.byteSize(), fill, arena);
    }

    /** {@return guarded data of another size than the geometry needs} */
    public static GuardedData allocate(Geometry geometry, long byteSize, Fill fill, Arena arena) {
        IovaBitmapProvider provider = Subject.provider();
        long offset = Math.floorMod(geometry.pageOffset() - GuardedData.GUARD, Geometry.P);
        long size = byteSize + 2L * GuardedData.GUARD;
        MemorySegment whole = provider.allocateData(size, offset, arena);
        if (whole.byteSize() != size || whole.address() % Geometry.P != offset) {
            throw new AssertionError("allocateData(" + size + ", " + offset + ", arena) gave " + whole.byteSize()
                    + " bytes at offset " + whole.address() % Geometry.P + " of a page");
        }
        if (whole.mismatch(MemorySegment.ofArray(new byte[Math.toIntExact(size)])) >= 0) {
            throw new AssertionError("allocateData(" + size + ", " + offset + ", arena) gave data that is not zeroed");
        }
        int bits = geometry.bits().bitLength() < 32 ? geometry.bitCount() : 0;
        return new GuardedData(whole, (int) Math.min(bits, 8 * byteSize), fill);
    }

    public Geometry geometry() {
        return geometry;
    }

    public IovaBitmap bitmap() {
        return bitmap;
    }

    public MemorySegment data() {
        return guarded.data();
    }

    /** {@return the memory and what it should hold} */
    public GuardedData guarded() {
        return guarded;
    }

    /** Marks a range that is inside. */
    public void set(long iova, long length) {
        String call = log("set", iova, length);
        unfailing(call, () -> bitmap.set(iova, length));
        expectMarked(iova, length);
        check();
    }

    /** Marks what is inside of a range. */
    public void setClipped(long iova, long length) {
        String call = log("setClipped", iova, length);
        unfailing(call, () -> bitmap.setClipped(iova, length));
        expectMarked(iova, length);
        check();
    }

    /** Marks a range that is not inside: refused whole. */
    public void setRefused(long iova, long length) {
        String call = log("set", iova, length);
        refuses(IndexOutOfBoundsException.class, call, () -> bitmap.set(iova, length));
    }

    /** Marks a range, which is inside or not. */
    public void trySet(long iova, long length) {
        if (geometry.takes(iova, length)) {
            set(iova, length);
        } else {
            setRefused(iova, length);
        }
    }

    /** Checks that something is refused, and that nothing changed. */
    public <T extends Throwable> T refuses(Class<T> type, String call, Action action) {
        try {
            action.run();
        } catch (Throwable thrown) {
            check();
            if (type.isInstance(thrown)) {
                return type.cast(thrown);
            }
            throw failure(call + " threw " + thrown + ", not " + type.getName(), thrown);
        }
        check();
        throw failure(call + " was not refused with " + type.getName(), null);
    }

    /** Clears all pages behind the bitmap's back, as the owner of the words may. */
    public void clear() {
        operations.add("DirtyPages.clear");
        DirtyPages.clear(geometry.layout(), data());
        guarded.clearPages();
        check();
    }

    /** Takes all pages behind the bitmap's back, as the owner of the words may. */
    public void drain() {
        operations.add("DirtyPages.drain");
        DirtyPages.drain(geometry.layout(), data(), (iova, length) -> {});
        guarded.clearPages();
        check();
    }

    /** Closes the bitmap, and goes on with another one over the same words. */
    public void reallocate() {
        operations.add("close and allocate again");
        unfailing("close", bitmap::close);
        check();
        bitmap = unfailing("allocate", () -> over(geometry, data()));
        check();
    }

    /** Checks in a callback that a second iteration is refused. */
    public void refusesNested() {
        refuses(
                IllegalStateException.class,
                "a nested forEach",
                () -> bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {
                    throw failure("a nested forEach called back", null);
                }));
    }

    /** Checks in a callback that close is refused. */
    public void refusesClose() {
        refuses(IllegalStateException.class, "close inside a callback", bitmap::close);
    }

    /** Iterates and does something in each window. */
    public List<IovaRange> forEach(IovaBitmapCallback<@Nullable Object, RuntimeException> callback) {
        List<IovaRange> windows = new ArrayList<>();
        operations.add("forEach");
        unfailing(
                "forEach",
                () -> bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {
                    windows.add(new IovaRange(iova, length));
                    if (windows.size() > MOST_WINDOWS) {
                        throw failure("forEach does not end", null);
                    }
                    callback.onRange(self, iova, length, nothing);
                }));
        check();
        return windows;
    }

    /** {@return the windows that forEach visits} */
    public List<IovaRange> windows() {
        return forEach((self, iova, length, nothing) -> {});
    }

    /** Checks that forEach visits what the model says. */
    public void checkWindows() {
        List<IovaRange> actual = windows();
        if (!actual.equals(geometry.windows())) {
            throw failure("windows are " + show(actual) + ", not " + show(geometry.windows()), null);
        }
    }

    /** Expects the bits of the part of a range that is inside. */
    public void expectMarked(long iova, long length) {
        Bits bits = geometry.bitsOf(iova, length);
        if (bits != null) {
            guarded.setBits(bits.first(), bits.last());
        }
    }

    /** Compares every byte with the model. */
    public void check() {
        guarded.check(this);
    }

    /** Adds to the history that messages show. */
    public void log(String operation) {
        operations.add(operation);
    }

    private String log(String name, long iova, long length) {
        Steps.count();
        String call = name + "(" + U64.show(iova) + ", " + U64.show(length) + ")";
        operations.add(call);
        return call;
    }

    /** {@return a failure with the inputs in its message} */
    public AssertionError failure(String what, @Nullable Throwable cause) {
        return new AssertionError(what + "\n" + this, cause);
    }

    private interface Call<T extends @Nullable Object> {
        T get() throws Throwable;
    }

    private void unfailing(String call, Action action) {
        Call<@Nullable Object> asCall = () -> {
            action.run();
            return null;
        };
        unfailing(call, asCall);
    }

    /** Runs what must not throw. An AssertionError comes from a check within. */
    private <T extends @Nullable Object> T unfailing(String call, Call<T> action) {
        try {
            return action.get();
        } catch (AssertionError failed) {
            throw failed;
        } catch (Throwable thrown) {
            throw failure(call + " threw " + thrown, thrown);
        }
    }

    /** {@return ranges as a message shows them} */
    public static String show(List<IovaRange> ranges) {
        return ranges.stream()
                .limit(20)
                .map(range -> "(" + U64.show(range.iova()) + ", " + U64.show(range.length()) + ")")
                .collect(Collectors.joining(" ", ranges.size() + ": ", ranges.size() > 20 ? " ..." : ""));
    }

    @Override
    public void close() {
        arena.close();
    }

    /** {@return the inputs: geometry and operations so far} */
    @Override
    public String toString() {
        int hidden = Math.max(0, operations.size() - SHOWN_OPERATIONS);
        return "bitmap: " + geometry + "\noperations: " + (hidden > 0 ? hidden + " more, then " : "")
                + (operations.isEmpty() ? "none" : String.join("; ", operations.subList(hidden, operations.size())));
    }
}
