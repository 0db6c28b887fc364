package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.Geometry.Bits;
import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A bitmap of a session over guarded data, held against what the device wrote. */
public final class View implements AutoCloseable {
    private final Device device;
    private final Geometry geometry;
    private final GuardedData guarded;
    private final IovaBitmap bitmap;
    private final Arena arena;
    private final boolean peeking;

    /** What a test's own callback throws. */
    public static final class Enough extends Exception {
        private static final long serialVersionUID = 1;
    }

    View(Device device, Geometry geometry, GuardedData guarded, IovaBitmap bitmap, Arena arena, boolean peeking) {
        this.device = device;
        this.geometry = geometry;
        this.guarded = guarded;
        this.bitmap = bitmap;
        this.arena = arena;
        this.peeking = peeking;
    }

    public Geometry geometry() {
        return geometry;
    }

    public IovaBitmap bitmap() {
        return bitmap;
    }

    public GuardedData guarded() {
        return guarded;
    }

    private Stretch all() {
        return Addresses.stretch(geometry.iova(), geometry.length());
    }

    /** Harvests. Before each callback the dirt of its window is in the data, and at the end that of the whole range. */
    public void harvest() {
        harvest((self, iova, length, nothing) -> {});
    }

    /** Harvests and does something in each window. */
    public void harvest(IovaBitmapCallback<@Nullable Object, RuntimeException> callback) {
        List<IovaRange> windows = new ArrayList<>();
        List<Stretch> before = device.unreported(all());
        device.log("forEach");
        device.unfailing("forEach", () -> {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {
                windows.add(new IovaRange(iova, length));
                if (windows.size() > Rig.MOST_WINDOWS) {
                    throw failure("forEach does not end", null);
                }
                checkReported(before, Addresses.stretch(iova, length));
                callback.onRange(self, iova, length, nothing);
            });
            return true;
        });
        if (!windows.equals(geometry.windows())) {
            throw failure("windows are " + Rig.show(windows) + ", not " + Rig.show(geometry.windows()), null);
        }
        guarded.allowMarked();
        guarded.check(this);
    }

    /** Harvests up to a window, in whose callback the test throws. */
    public void harvestUpTo(int window) {
        Enough enough = new Enough();
        int[] at = new int[1];
        List<Stretch> before = device.unreported(all());
        device.log("forEach up to window " + window);
        try {
            bitmap.<@Nullable Object, Enough>forEach(null, (self, iova, length, nothing) -> {
                checkReported(before, Addresses.stretch(iova, length));
                if (at[0]++ == window) {
                    throw enough;
                }
            });
        } catch (Enough thrown) {
            if (thrown == enough) {
                guarded.allowMarked(); // later windows may be marked, and then that has been told
                guarded.check(this);
                before.forEach(this::forgetMarked);
                return;
            }
        } catch (RuntimeException other) {
            throw failure("forEach threw " + other + ", not what the callback threw", other);
        }
        throw failure("forEach did not throw what the callback threw", null);
    }

    /** What was written before the iteration is marked in its window, and has been told with that; what came later may be. */
    private void checkReported(List<Stretch> before, Stretch window) {
        for (Stretch written : before) {
            if (!written.misses(window)) {
                expectMarked(written.cutTo(window));
                forget(written.cutTo(window));
            }
        }
        guarded.allowMarked();
        guarded.check(this);
    }

    private void forgetMarked(Stretch written) {
        BigInteger page = U64.toBigInteger(geometry.pageSize());
        Bits bits = geometry.bitsOf(written.iova(), written.length());
        for (int bit = bits == null ? 0 : bits.first(); bits != null && bit <= bits.last(); bit++) {
            if (guarded.bit(bit)) {
                BigInteger first = geometry.base().add(page.multiply(BigInteger.valueOf(bit)));
                forget(new Stretch(first, first.add(page).subtract(BigInteger.ONE)).cutTo(all()));
            }
        }
    }

    private void forget(Stretch told) {
        if (!peeking) {
            device.reported(told);
        }
    }

    /** Harvests, and nothing is marked but pages that touch what was written, out to whole pages of the device. */
    public void harvestExactly(long granule) {
        for (Stretch written : device.unreported(Addresses.EVERYTHING)) {
            expectMarked(written.alignedTo(granule));
        }
        device.log("forEach");
        device.unfailing("forEach", () -> {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {});
            return true;
        });
        guarded.check(this);
        forget(all());
    }

    /** Harvests, which must fail: with an unchecked exception, and with all marked. */
    public void harvestFailing() {
        device.log("forEach that fails");
        try {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {});
        } catch (RuntimeException surfaced) {
            expectMarked(all());
            guarded.check(this);
            return;
        } catch (Throwable other) {
            throw failure("forEach threw " + other + ", which is no unchecked exception", other);
        }
        throw failure("forEach did not throw, though a report has failed", null);
    }

    /** Expects all to be marked by the next harvest, as after an error. */
    public void harvestAllMarked() {
        device.log("forEach that marks all");
        device.unfailing("forEach", () -> {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {});
            return true;
        });
        expectMarked(all());
        guarded.check(this);
        device.reported(all());
    }

    /** Harvests a bitmap whose session is closed: refused, and what the device wrote is not clean. */
    public void harvestClosed(Supplier<String> what) {
        device.log("forEach after close");
        try {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {
                throw failure(what.get() + ": forEach called back", null);
            });
        } catch (IllegalStateException refused) {
            for (Stretch written : device.unreported(all())) {
                expectMarked(written);
            }
            guarded.allowMarked();
            guarded.check(this);
            return;
        } catch (RuntimeException other) {
            throw failure(what.get() + ": forEach threw " + other + ", not IllegalStateException", other);
        }
        throw failure(what.get() + ": forEach was not refused", null);
    }

    /** Harvests what is no longer tracked: all of it is marked, or the iteration throws. */
    public void harvestUntracked() {
        device.log("forEach of what is no longer tracked");
        try {
            bitmap.<@Nullable Object, RuntimeException>forEach(null, (self, iova, length, nothing) -> {});
        } catch (RuntimeException refused) {
            guarded.allowMarked();
            guarded.check(this);
            return;
        }
        expectMarked(all());
        guarded.check(this);
    }

    /** Marks what is inside of a range, as a VMM does that writes itself. */
    public void set(long iova, long length) {
        device.log("set(" + U64.show(iova) + ", " + U64.show(length) + ")");
        device.unfailing("set", () -> {
            bitmap.set(iova, length);
            return true;
        });
        expectMarked(Addresses.stretch(iova, length));
        guarded.check(this);
    }

    /** Remembers something that happened, for messages. */
    public void note(String what) {
        device.log(what);
    }

    /** Clears the data, as its owner does when the dirt is sent. */
    public void wipe() {
        device.log("clear the data");
        guarded.wipe();
    }

    private void expectMarked(Stretch where) {
        Stretch inside = where.cutTo(all());
        if (inside.first().compareTo(inside.last()) <= 0) {
            Bits bits = geometry.bitsOf(inside.iova(), inside.length());
            if (bits != null) {
                guarded.setBits(bits.first(), bits.last());
            }
        }
    }

    /** {@return a failure with what led to it} */
    public AssertionError failure(String what, @Nullable Throwable cause) {
        return new AssertionError(what + "\n" + this, cause);
    }

    @Override
    public void close() {
        bitmap.close();
        arena.close();
    }

    @Override
    public String toString() {
        return "bitmap: " + geometry + "\n" + device;
    }
}
