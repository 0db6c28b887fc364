package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A bitmap of a {@link ModelSession}. */
class ModelBitmap extends NaiveBitmap {
    final ModelSession session;
    final boolean peeking;

    ModelBitmap(ModelSession session, long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
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
            throw new ModelDevice.Failed();
        }
        super.<A, X>forEach(opaque, (self, iova, length, argument) -> {
            harvest(Addresses.stretch(iova, length));
            callback.onRange(self, iova, length, argument);
        });
    }

    void harvest(Stretch window) {
        try {
            session.harvest(window, this);
        } catch (ModelDevice.Failed error) {
            failed(error);
        }
    }

    void failed(ModelDevice.Failed error) {
        session.failed();
        markAll();
        throw error;
    }

    void markAll() {
        mark(0, bits() - 1);
    }
}
