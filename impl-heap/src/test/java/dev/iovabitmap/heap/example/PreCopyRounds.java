package dev.iovabitmap.heap.example;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.DirtyRate;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.heap.HeapIovaBitmap;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The rounds of a live migration, with what a dashboard shows of each. */
final class PreCopyRounds {
    /** Where the pages go. May throw: then the round's pages are marked again. */
    interface Destination {
        void copy(long iova, long length);
    }

    /** What is known before a round is sent. */
    record Progress(long pagesLeft, DirtyRate rate, OptionalLong roundsToGo, Duration downtime) {}

    private final IovaBitmapLayout layout;
    private final IovaBitmap marks;
    private final MemorySegment round;
    private final double bandwidth;
    private final Duration maxDowntime;
    private final LongSupplier nanoTime;
    private long takenAt;

    /**
     * Begins with all pages dirty.
     *
     * @param bandwidth in bytes per second
     * @param nanoTime {@code System::nanoTime}
     */
    PreCopyRounds(IovaBitmapLayout layout, double bandwidth, Duration maxDowntime, LongSupplier nanoTime) {
        this.layout = layout;
        this.bandwidth = bandwidth;
        this.maxDowntime = maxDowntime;
        this.nanoTime = nanoTime;
        marks = HeapIovaBitmap.concurrentOver(layout, new long[Math.toIntExact(layout.wordCount())]);
        round = MemorySegment.ofArray(new long[Math.toIntExact(layout.wordCount())]);
        marks.set(layout.iova(), layout.length());
        takenAt = nanoTime.getAsLong();
    }

    /** {@return where any number of threads mark what the guest writes} */
    IovaBitmap marks() {
        return marks;
    }

    /**
     * Sends rounds until the guest can be stopped, or until more rounds would not help.
     *
     * @param display shown what is known before each round
     * @return whether what is left can be sent in the downtime; if not, the guest writes too fast for the bandwidth
     */
    boolean run(Destination destination, int maxRounds, Consumer<Progress> display) {
        for (int rounds = 0; rounds < maxRounds; rounds++) {
            Progress progress = look();
            display.accept(progress);
            if (progress.downtime().compareTo(maxDowntime) <= 0) {
                return true;
            }
            send(destination);
        }
        return false;
    }

    /** Looks at what became dirty since the last round was taken; takes nothing. */
    private Progress look() {
        long left = DirtyPages.count(layout, marks.data());
        Duration since = Duration.ofNanos(nanoTime.getAsLong() - takenAt);
        DirtyRate rate = new DirtyRate(left, layout.pageSize(), since);
        return new Progress(left, rate, rate.rounds(left, bandwidth, maxDowntime), rate.downtime(left, bandwidth));
    }

    /** Sends what is marked; the last call is made after the guest was stopped. */
    void send(Destination destination) {
        takenAt = nanoTime.getAsLong();
        DirtyPages.take(layout, marks.data(), round); // what is marked from here on is the next round's
        try {
            DirtyPages.drain(layout, round, destination::copy);
        } finally {
            DirtyPages.take(layout, round, marks.data()); // what was not sent is dirty still
        }
    }
}
