package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.RunRecord.Outcome;
import dev.iovabitmap.conformance.engine.Snapshot.InCall;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a run ends, on a machine whose time passes only when somebody waits. */
class WatchdogTest {
    private static final Duration LIMIT = Duration.ofSeconds(7);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String HUNG = "IovaBitmap.set did not return for 7 s";

    private final Machine machine = new Machine();
    private final RunRecord record = new RunRecord();

    /** What happens on the machine while time passes. */
    @FunctionalInterface
    private interface Activity {
        void during(long nanos);
    }

    private static final class Machine implements RunSource {
        private final Deque<Event> events = new ArrayDeque<>();
        private final TreeMap<Long, Event> later = new TreeMap<>();
        private Activity activity = nanos -> {};
        private @Nullable Event threads = new Event.Threads("stacks");
        private boolean answers = true;
        private boolean killed;
        private long clock;
        private long cpu;
        private long subjectsCpu;
        private long steps;
        private @Nullable Boolean asleep = false;
        private List<InCall> inCalls = List.of();

        @Override
        public @Nullable Event next(Duration timeout) {
            if (events.isEmpty()) {
                assertFalse(killed, "nobody waits for a run that was killed");
                clock += timeout.toNanos();
                activity.during(timeout.toNanos());
                if (!later.isEmpty() && later.firstKey() <= clock) {
                    return later.pollFirstEntry().getValue();
                }
                assertTrue(clock < 3 * HOUR.toNanos(), "the run never ends");
            }
            return events.poll();
        }

        @Override
        public void askForLook() {
            if (answers) {
                look();
            }
        }

        void look() {
            events.add(new Event.Looked(new Snapshot(clock, cpu, subjectsCpu, steps, asleep, inCalls)));
        }

        @Override
        public void askForThreads() {
            if (threads != null) {
                events.add(threads);
            }
        }

        @Override
        public long cpu() {
            return cpu;
        }

        @Override
        public void kill() {
            killed = true;
        }

        void isIn(SubjectCall... calls) {
            isIn(false, 0, calls);
        }

        void isIn(boolean runnable, long cpu, SubjectCall... calls) {
            inCalls = List.of(calls).stream()
                    .map(call -> new InCall(List.of(calls).indexOf(call) + 1, call, runnable, cpu))
                    .toList();
        }
    }

    private static SubjectCall call(String name) {
        return new SubjectCall("3 above Test:1", name, "3 above Test:1", name, true);
    }

    private static final SubjectCall SET = call("IovaBitmap.set");

    private void follow(Event... events) throws InterruptedException {
        machine.events.addAll(List.of(events));
        new Watchdog(machine, record, LIMIT, event -> {}, () -> machine.clock).follow();
    }

    /** Follows a test that has begun. */
    private void follow(Activity activity) throws InterruptedException {
        machine.activity = activity;
        follow(new Event.Started("A.a[2]"));
    }

    private void comesBackAfter(Duration time) {
        machine.later.put(time.toNanos(), new Event.Finished("A.a[2]", Status.PASS, ""));
        machine.later.put(time.toNanos() + 1, new Event.Done());
    }

    private void assertPassed() {
        assertEquals(new Outcome(Status.PASS, ""), outcome("A.a[2]"));
        assertEquals(List.of(), record.problems());
        assertTrue(record.complete());
        assertFalse(machine.killed);
    }

    private void assertHung(String what, Duration least, Duration most) {
        assertEquals(new Outcome(Status.FAIL, what), outcome("A.a[2]"));
        assertTrue(String.valueOf(record.threads()).contains("stacks"), record::threads);
        assertTrue(String.valueOf(record.threads()).contains("A.a[2]: " + what), record::threads);
        assertEquals(List.of("A.a[2]: " + what), record.problems());
        assertTrue(machine.killed);
        assertFalse(record.complete());
        assertEquals(1, record.losses());
        assertTrue(machine.clock >= least.toNanos(), () -> "after " + Duration.ofNanos(machine.clock));
        assertTrue(machine.clock <= most.toNanos(), () -> "after " + Duration.ofNanos(machine.clock));
    }

    private void assertBlamesNobody(String why) {
        assertEquals(Status.ERROR, outcome("A.a[2]").status());
        assertTrue(outcome("A.a[2]").message().contains(why), outcome("A.a[2]").message());
        assertTrue(machine.killed);
    }

    @Test
    void runThatComesToItsEndIsLeftAlone() throws InterruptedException {
        follow(
                new Event.Started("A.a"),
                new Event.Finished("A.a", Status.PASS, ""),
                new Event.Done(),
                new Event.Started("A.never"));
        assertTrue(record.complete());
        assertFalse(machine.killed);
        assertEquals(List.of(), record.problems());
        assertEquals("[A.a]", record.outcomes().keySet().toString());
        assertEquals(0, record.losses());
    }

    // the subject has control

    @Test
    void waitingInTheSubjectIsMeasuredByTheClock() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        follow(nanos -> {});
        assertHung(HUNG, LIMIT, Duration.ofSeconds(12));
    }

    @Test
    void blockingInNativeCodeIsWaiting() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(true, 17, SET);
        follow(nanos -> {});
        assertHung(HUNG, LIMIT, Duration.ofSeconds(12));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 300})
    void runningInTheSubjectIsMeasuredInCpuTime(int others) throws InterruptedException {
        follow(nanos -> {
            machine.cpu += nanos / others;
            machine.isIn(true, machine.cpu, SET);
        });
        Duration all = LIMIT.multipliedBy(others);
        assertHung(HUNG, all, all.plusSeconds(5L * others));
    }

    @Test
    void whatOtherThreadsUseIsNotTheCalls() throws InterruptedException {
        follow(nanos -> {
            machine.cpu += nanos; // of a collector or compiler, almost all of it
            machine.isIn(true, machine.clock / 100, SET);
        });
        assertHung(HUNG, LIMIT.multipliedBy(100), LIMIT.multipliedBy(105));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 300})
    void waitingForAThreadOfItsOwnIsMeasuredInWhatThatThreadGets(int others) throws InterruptedException {
        machine.isIn(SET);
        follow(nanos -> machine.cpu += nanos / others);
        Duration all = LIMIT.multipliedBy(others);
        assertHung(HUNG, all, all.plusSeconds(5L * others));
    }

    @Test
    void whereSleepCannotBeSeenTheStateOfTheThreadDecides() throws InterruptedException {
        machine.asleep = null;
        machine.isIn(SET);
        follow(nanos -> {});
        assertHung(HUNG, LIMIT, Duration.ofSeconds(12));
    }

    @Test
    void whereSleepCannotBeSeenAThreadThatMightBeStarvedIsNotBlamed() throws InterruptedException {
        machine.asleep = null;
        machine.isIn(true, 0, SET);
        follow(nanos -> {});
        assertBlamesNobody("for 600 s there was no sign of life");
    }

    @Test
    void anyThreadOfTheTestMayHang() throws InterruptedException {
        machine.isIn(call("IovaBitmap.forEach"), SET);
        machine.asleep = true;
        follow(nanos -> {
            List<InCall> calls = machine.inCalls;
            if (machine.clock > Duration.ofSeconds(3).toNanos()) {
                machine.inCalls = List.of(calls.getLast()); // the other has returned
            }
        });
        assertHung(HUNG, LIMIT, Duration.ofSeconds(12));
    }

    @Test
    void callsThatNeverEndButAreShortAreNoHang() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        comesBackAfter(HOUR);
        follow(nanos -> {
            machine.steps++;
            machine.cpu += nanos;
        });
        assertPassed();
    }

    @Test
    void callsFromOtherLinesAreOtherCalls() throws InterruptedException {
        comesBackAfter(HOUR);
        follow(nanos -> {
            String line = "3 above Test:" + machine.clock;
            machine.isIn(true, machine.clock, new SubjectCall(line, "x", line, "x", true));
            machine.cpu += nanos;
        });
        assertPassed();
    }

    @Test
    void whileTheSuiteIsCalledBackNothingCounts() throws InterruptedException {
        comesBackAfter(HOUR);
        machine.isIn(true, 0, new SubjectCall("out", "forEach", "out", "forEach", false));
        follow(nanos -> machine.cpu += nanos);
        assertPassed();
    }

    @Test
    void aSubjectThatCallsBackForEverHangsInTheOuterCall() throws InterruptedException {
        follow(nanos -> {
            machine.cpu += nanos;
            boolean inner = machine.clock / nanos % 10 > 6;
            String at = inner ? "in" : "out";
            machine.isIn(true, machine.cpu, new SubjectCall("out", "IovaBitmap.forEach", at, "IovaBitmap." + at, true));
            if (machine.clock / nanos % 3 == 0) {
                machine.isIn(true, machine.cpu, new SubjectCall("out", "IovaBitmap.forEach", at, "", false));
            }
        });
        assertEquals(Status.FAIL, outcome("A.a[2]").status());
        assertTrue(outcome("A.a[2]").message().startsWith("IovaBitmap."), outcome("A.a[2]")::message);
    }

    @Test
    void theOuterCallIsNamedIfTheInnerHasChanged() throws InterruptedException {
        machine.asleep = true;
        follow(nanos -> {
            String at = "in " + machine.clock;
            machine.isIn(new SubjectCall("out", "IovaBitmap.forEach", at, at, true));
        });
        assertHung("IovaBitmap.forEach did not return for 7 s", LIMIT, Duration.ofSeconds(12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"loading", "the constructor", "name()"})
    void aHangBeforeTheNameIsToldOfTheClass(String stage) throws InterruptedException {
        machine.asleep = true;
        machine.isIn(call("x"));
        follow(new Event.Stage("com.acme.A", stage));
        String problem = stage + " of class 'com.acme.A' did not return for 7 s";
        assertEquals(List.of(problem), record.problems());
        assertEquals(
                List.of(problem),
                record.unnamed().stream().map(Event.Unnamed::problem).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"version()", "features()", "availability()", "hardware(...)"})
    void aHangAfterTheNameIsToldOfTheQuestion(String stage) throws InterruptedException {
        machine.asleep = true;
        machine.isIn(call("x"));
        follow(new Event.Named("a"), new Event.Stage("com.acme.A", stage));
        assertEquals(List.of(stage + " of class 'com.acme.A' did not return for 7 s"), record.problems());
        assertEquals(List.of(), record.unnamed());
    }

    // the suite has control, or nobody

    @Test
    void theSuiteMayWorkForAsLongAsItNeeds() throws InterruptedException {
        comesBackAfter(HOUR);
        follow(nanos -> machine.cpu += nanos / 50);
        assertPassed();
    }

    @Test
    void eachEventIsASignOfLife() throws InterruptedException {
        for (int minutes = 9; minutes < 60; minutes += 9) {
            machine.later.put(Duration.ofMinutes(minutes).toNanos(), new Event.Started("A.a[2]"));
        }
        comesBackAfter(HOUR);
        follow(nanos -> {});
        assertTrue(record.complete());
        assertEquals(List.of(), record.problems());
    }

    @Test
    void silenceOfTheSuiteBlamesNobody() throws InterruptedException {
        follow(nanos -> machine.cpu += nanos / 10_000);
        assertBlamesNobody("for 600 s there was no sign of life");
        assertTrue(machine.clock >= Watchdog.NO_SIGN_OF_LIFE.toNanos());
        assertTrue(String.valueOf(record.threads()).contains("stacks"));
        assertTrue(record.isSilent());
    }

    @Test
    void threadsThatTheSubjectLeftSpinningAreNoSignOfLife() throws InterruptedException {
        follow(nanos -> {
            machine.cpu += nanos;
            machine.subjectsCpu += nanos;
        });
        assertBlamesNobody("no sign of life");
    }

    @Test
    void silenceBetweenTestsIsAProblem() throws InterruptedException {
        follow(
                new Event.Stage("com.acme.A", "name()"),
                new Event.Named("a"),
                new Event.Started("A.a"),
                new Event.Finished("A.a", Status.PASS, ""));
        assertEquals(Status.PASS, outcome("A.a").status());
        assertEquals(1, record.problems().size());
        assertTrue(record.problems().get(0).contains("no sign of life"), record.problems()::toString);
    }

    // the JVM does not answer

    @Test
    void aJvmThatIsStoppedBlamesNobody() throws InterruptedException {
        machine.answers = false;
        follow(nanos -> {});
        assertBlamesNobody("no sign of life");
        assertTrue(String.valueOf(record.threads()).contains("did not answer"));
    }

    /** As one that was stopped, or collected garbage, while the subject had control. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void aPauseOfTheJvmIsNotTheSubjects(long cpu) throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        long pause = Duration.ofSeconds(90).toNanos();
        comesBackAfter(Duration.ofSeconds(95));
        follow(nanos -> {
            machine.answers = machine.clock >= pause;
            machine.cpu += cpu * nanos;
            if (machine.clock >= pause && machine.clock - nanos < pause) {
                machine.look(); // what it owed
            }
        });
        assertPassed();
    }

    @Test
    void onlyTwoTurnsOfAPauseCount() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        comesBackAfter(HOUR.plusSeconds(3));
        boolean[] paused = new boolean[1];
        follow(nanos -> {
            if (!paused[0] && machine.clock > Duration.ofSeconds(3).toNanos()) {
                paused[0] = true;
                machine.clock = HOUR.toNanos(); // for both, as when the lid of a laptop is closed
            }
        });
        assertPassed();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void aJvmThatWorksAndNeverAnswersBlamesNobody(int others) throws InterruptedException {
        machine.answers = false;
        follow(nanos -> machine.cpu += nanos / others);
        assertBlamesNobody("the JVM works and does not answer");
        assertTrue(machine.clock >= others * Runner.PATIENCE.toNanos());
        assertFalse(record.isSilent());
    }

    @Test
    void aHangIsReportedThoughTheStacksDoNotCome() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        machine.threads = null;
        follow(nanos -> {});
        assertEquals(new Outcome(Status.FAIL, HUNG), outcome("A.a[2]"));
        assertTrue(machine.killed);
        assertTrue(String.valueOf(record.threads()).contains("did not answer"));
    }

    // the JVM ends

    @Test
    void deadJvmIsAnErrorOfTheTestThatRan() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.Ended(3, false));
        assertEquals(new Outcome(Status.ERROR, "ended the JVM with exit status 3"), outcome("A.a"));
        assertNull(record.threads());
        assertFalse(record.complete());
    }

    @Test
    void aCrashThatTakesItsTimeIsACrash() throws InterruptedException {
        machine.answers = false;
        machine.later.put(Duration.ofMinutes(9).toNanos(), new Event.Ended(134, true));
        follow(nanos -> {});
        assertEquals(new Outcome(Status.ERROR, "crashed the JVM"), outcome("A.a[2]"));
        assertFalse(machine.killed);
    }

    @Test
    void aCrashWhileTheStacksAreAskedForIsACrash() throws InterruptedException {
        machine.asleep = true;
        machine.isIn(SET);
        machine.threads = new Event.Ended(134, true);
        follow(nanos -> {});
        assertEquals(new Outcome(Status.ERROR, "crashed the JVM"), outcome("A.a[2]"));
        assertEquals(1, record.losses());
    }

    @Test
    void aTestThatLeavesNoMemoryIsLost() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.CutShort("out of memory"));
        assertEquals(new Outcome(Status.ERROR, "ended without a result"), outcome("A.a"));
        assertEquals("out of memory", record.problems().get(0));
        assertFalse(record.complete());
        assertEquals(1, record.losses());
    }

    @Test
    void testThatStartsBeforeTheLastEndedLeavesThatInError() throws InterruptedException {
        follow(new Event.Started("A.a"), new Event.Started("A.b"), new Event.Done());
        assertEquals(Status.ERROR, outcome("A.a").status());
        assertEquals(Status.ERROR, outcome("A.b").status());
    }

    @Test
    void aProviderThatDescribesItselfAnewIsAProblem() {
        Description one = new Description("a", "1", "com.acme.A", null, java.util.Set.of(), null);
        record.add(new Event.Described(one));
        record.add(new Event.Described(one));
        assertEquals(List.of(), record.problems());
        record.add(new Event.Described(new Description("a", "2", "com.acme.A", null, java.util.Set.of(), null)));
        assertEquals(1, record.problems().size());
        assertEquals(one, record.description());
    }

    private Outcome outcome(String test) {
        Outcome outcome = record.outcomes().get(test);
        assertNotNull(outcome);
        return outcome;
    }
}
