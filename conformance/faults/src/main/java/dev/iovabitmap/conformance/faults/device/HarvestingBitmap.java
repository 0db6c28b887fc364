package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A bitmap of a {@link RightSession}. */
class HarvestingBitmap extends RightBitmap {
    final RightSession session;
    final boolean peeking;

    HarvestingBitmap(RightSession session, long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
        super(iova, length, pageSize, data);
        this.session = session;
        this.peeking = peeking;
    }

    @Override
    public <A extends @Nullable Object, X extends Exception> void forEach(
            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
        requireUsable();
        if (session.closed) {
            markAll();
            session.requireOpen();
        }
        if (session.broken) {
            markAll();
            throw new RightDevice.Failed();
        }
        super.<A, X>forEach(opaque, (self, iova, length, argument) -> {
            harvest(Addresses.stretch(iova, length));
            callback.onRange(self, iova, length, argument);
        });
    }

    void harvest(Stretch window) {
        try {
            session.harvest(window, this);
        } catch (RightDevice.Failed error) {
            failed(error);
        }
    }

    void failed(RightDevice.Failed error) {
        session.failed();
        markAll();
        throw error;
    }

    /** Visible to the session. */
    @Override
    protected long bitOf(long iova) {
        return super.bitOf(iova);
    }

    /** Visible to the session. */
    @Override
    protected void mark(long first, long last) {
        super.mark(first, last);
    }

    void markAll() {
        mark(0, bits() - 1);
    }
}
