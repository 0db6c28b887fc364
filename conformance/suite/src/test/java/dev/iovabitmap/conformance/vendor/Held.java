package dev.iovabitmap.conformance.vendor;

import java.util.concurrent.CountDownLatch;

/** Keeps whoever asks for its name until it is released. */
public final class Held extends Right {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean spins;

    /** Makes it run in circles instead of waiting. */
    public void spin() {
        spins = true;
    }

    /** Waits until somebody is kept. */
    public void awaitEntry() throws InterruptedException {
        entered.await();
    }

    public void release() {
        released.countDown();
    }

    @Override
    public String name() {
        entered.countDown();
        while (spins && released.getCount() > 0) {
            Thread.onSpinWait();
        }
        try {
            released.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return super.name();
    }
}
