package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Snapshot.InCall;
import dev.iovabitmap.conformance.vendor.Held;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A look at threads of this JVM that are held in the subject. Whatever is waited for here comes, however long it takes. */
class SnapshotTest {
    private final Held held = new Held();
    private final Thread caller = Thread.ofPlatform().daemon().unstarted(() -> held.name());

    @AfterEach
    void release() throws InterruptedException {
        held.release();
        caller.join();
    }

    private InCall look() {
        return Snapshot.take().threads().stream()
                .filter(thread -> thread.id() == caller.threadId())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aThreadThatWaitsInTheSubjectIsSeen() throws InterruptedException {
        caller.start();
        held.awaitEntry();
        while (caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        InCall seen = look();
        assertTrue(seen.call().inControl());
        assertEquals(
                "IovaBitmapProvider.name of " + Held.class.getName(),
                seen.call().innerName());
        assertEquals(false, seen.runnable());
    }

    @Test
    void aThreadThatSpinsInTheSubjectUsesCpuTime() throws InterruptedException {
        held.spin();
        caller.start();
        held.awaitEntry();
        InCall first = look();
        InCall later = look();
        while (later.cpu() == first.cpu()) {
            later = look();
        }
        assertEquals(first.call(), later.call());
        assertTrue(first.runnable());
        assertTrue(later.cpu() > first.cpu());
    }

    @Test
    void looksAreInOrder() {
        Snapshot one = Snapshot.take();
        Snapshot two = Snapshot.take();
        assertTrue(two.at() > one.at());
        assertTrue(one.cpu() > 0, "the CPU time of this process is known");
    }
}
