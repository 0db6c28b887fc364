package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.RunRecord.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a run ends, told by a script instead of a clock. */
class WatchdogTest {
    private final Script script = new Script();
    private final RunRecord record = new RunRecord();

    /** Events in order; when there are none left, silence. */
    private static final class Script implements Source {
        private final Deque<Event> events = new ArrayDeque<>();
        private @Nullable Event answer;
        private boolean killed;

        @Override
        public @Nullable Event next(Duration timeout) {
            return events.poll();
        }

        @Override
        public void askForThreads() {
            if (answer != null) {
                events.add(answer);
            }
        }

        @Override
        public void kill() {
            killed = true;
        }
    }

    private void follow(Event... events) throws InterruptedException {
        script.events.addAll(List.of(events));
        Watchdog.follow(script, record, Duration.ofSeconds(7), event -> {});
    }

    @Test
    void runThatComesToItsEndIsLeftAlone() throws InterruptedException {
        follow(
                new Event.Started("A.a"),
                new Event.Finished("A.a", Status.PASS, ""),
                new Event.Done(),
                new Event.Started("A.never"));
        assertTrue(record.complete());
        assertFalse(script.killed);
        assertEquals(List.of(), record.problems());
        assertEquals("[A.a]", record.outcomes().keySet().toString());
    }

    @Test
    void silenceIsAFailureOfTheTestThatRuns() throws InterruptedException {
        script.answer = new Event.Threads("stacks");
        follow(new Event.Started("A.a[2]"));
        assertEquals(
                new Outcome(Status.FAIL, "did not return"), record.outcomes().get("A.a[2]"));
        assertEquals("stacks", record.threads());
        assertTrue(script.killed);
        assertFalse(record.complete());
    }

    @Test
    void jvmThatDoesNotAnswerIsKilledAllTheSame() throws InterruptedException {
        follow(new Event.Started("A.a"));
        assertTrue(script.killed);
        assertTrue(String.valueOf(record.threads()).contains("did not answer"));
    }

    @Test
    void silenceBetweenTestsIsAProblem() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.Finished("A.a", Status.PASS, ""));
        assertEquals(Status.PASS, outcome("A.a").status());
        assertFalse(record.problems().isEmpty());
    }

    @Test
    void deadJvmIsAnErrorOfTheTestThatRan() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.Ended(3, false));
        assertEquals(new Outcome(Status.ERROR, "ended the JVM with exit status 3"), outcome("A.a"));
        assertNull(record.threads());
        assertFalse(record.complete());
    }

    @Test
    void testThatStartsBeforeTheLastEndedLeavesThatInError() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.Started("A.b"), new Event.Done());
        assertEquals(Status.ERROR, outcome("A.a").status());
        assertEquals(Status.ERROR, outcome("A.b").status());
    }

    private Outcome outcome(String test) {
        Outcome outcome = record.outcomes().get(test);
        assertNotNull(outcome);
        return outcome;
    }
}
