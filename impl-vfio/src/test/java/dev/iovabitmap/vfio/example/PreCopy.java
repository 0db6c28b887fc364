package dev.iovabitmap.vfio.example;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.VfioTracker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Live migration of a guest with devices: memory is copied while it changes, until little enough is left. */
final class PreCopy implements AutoCloseable {
    private static final long PAGE_SIZE = 4096;

    /** A guest that writes faster than can be sent is stopped all the same. */
    private static final int MAX_ROUNDS = 30;

    private final Guest guest;
    private final Destination destination;
    private final long pagesWhileStopped;
    private final Arena arena = Arena.ofShared();
    private final VfioTracker tracker;
    private final IovaBitmap dirty;

    /**
     * Starts tracking. From here on every write shows, so everything is marked once and no more.
     *
     * @param pagesWhileStopped how many pages may be left to copy when the guest is stopped
     */
    PreCopy(Vfio vfio, List<VfioDevice> devices, Guest guest, Destination destination, long pagesWhileStopped) {
        this.guest = guest;
        this.destination = destination;
        this.pagesWhileStopped = pagesWhileStopped;
        IovaRange memory = guest.memory();
        tracker = vfio.track(devices, List.of(memory), PAGE_SIZE);
        MemorySegment words = arena.allocate((memory.length() / PAGE_SIZE + 63) / 64 * 8, 8);
        dirty = tracker.allocate(memory.iova(), memory.length(), PAGE_SIZE, words);
        dirty.set(memory.iova(), memory.length());
    }

    /**
     * Copies until destination and guest are the same. May be called again after it was cancelled: the pages that were taken
     * from the devices and not sent are still marked, and tracking went on.
     *
     * @return whether the guest now runs over there; false if cancelled
     */
    boolean migrate(BooleanSupplier cancelled) {
        try {
            collect();
            for (int round = 0; round < MAX_ROUNDS && left() > pagesWhileStopped; round++) {
                send(cancelled);
                collect();
            }
            guest.stop(); // first the processors, then the devices; tracking is still on
            collect(); // what they wrote last
            send(cancelled);
            return true;
        } catch (CancellationException e) {
            guest.resume();
            return false;
        }
    }

    private long left() {
        return DirtyPages.count(dirty.layout(), dirty.data());
    }

    /** Adds what devices and processors have written since the last time. */
    private void collect() {
        dirty.forEach(null, (bitmap, iova, length, nothing) -> {}); // the windows need no work of ours
        for (IovaRange written : guest.takeWrittenByProcessors()) {
            dirty.set(written.iova(), written.length());
        }
    }

    /** Sends what is marked. A range is unmarked before it is read, and marked again if sending it fails. */
    private void send(BooleanSupplier cancelled) {
        DirtyPages.drain(dirty.layout(), dirty.data(), (iova, length) -> {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException();
            }
            destination.copy(iova, length);
        });
    }

    /** Stops tracking. */
    @Override
    public void close() {
        try (arena;
                tracker) {
            dirty.close();
        }
    }

    /** What the migration has to know of the virtual machine. */
    interface Guest {
        IovaRange memory();

        List<IovaRange> takeWrittenByProcessors();

        void stop();

        void resume();
    }

    /** Where the memory goes. */
    interface Destination {
        void copy(long iova, long length);
    }
}
