package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.spi.IovaBitmapProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run on a thread of this JVM. If it hangs it cannot be ended, so that no other can run here afterwards. */
final class InProcess implements RunSource {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CountDownLatch begun = new CountDownLatch(1);

    InProcess(IovaBitmapProvider provider, Order order) {
        Thread.ofPlatform().daemon().name("iova-bitmap conformance").start(() -> run(provider, order));
    }

    private void run(IovaBitmapProvider provider, Order order) {
        try {
            SuiteRun.acquire();
        } catch (IllegalStateException stuck) {
            events.add(new Event.Broken(String.valueOf(stuck.getMessage())));
            events.add(new Event.Done());
            begun.countDown();
            return;
        }
        begun.countDown();
        try {
            ProviderRun.run(provider, order, List.of(), events::add);
        } catch (Throwable thrown) {
            events.add(new Event.CutShort("the run was cut short: " + Failures.textOf(thrown)));
        } finally {
            SuiteRun.release();
        }
    }

    /** While another run has its turn, no clock runs against this one. */
    @Override
    public @Nullable Event next(Duration timeout) throws InterruptedException {
        begun.await();
        return events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void askForLook() {
        events.add(new Event.Looked(Snapshot.take()));
    }

    @Override
    public long cpu() {
        return Snapshot.cpuOf(ProcessHandle.current());
    }

    @Override
    public void askForThreads() {
        events.add(new Event.Threads(ThreadDump.take()));
    }

    @Override
    public void kill() {
        SuiteRun.giveUp();
    }
}
