package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.engine.Snapshot.InCall;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows a run to its end, and ends one that hangs. The limit of a call counts only while the subject's code has control: the
 * CPU time of the thread while it runs, and the time on the clock while it waits. A busy machine uses up neither.
 */
final class Watchdog {
    /** How long a run may go without a sign of life. Whatever the subject does, this blames nobody. */
    static final Duration NO_SIGN_OF_LIFE = Duration.ofMinutes(10);

    /** A JVM that only waits uses less CPU time than this in all that time. */
    private static final Duration SIGN_OF_LIFE = Duration.ofMillis(500);

    private static final Duration LONGEST_TURN = Duration.ofSeconds(1);

    /** The stacks are worth some patience, but a JVM that cannot give them must not keep the run. */
    private static final int TURNS_FOR_THREADS = 30;

    private static final String NO_ANSWER = "The JVM did not answer when it was asked for its stacks.\n";

    private final RunSource source;
    private final RunRecord record;
    private final Duration limit;
    private final Consumer<Event> progress;
    private final LongSupplier clock;
    private final Duration turn;

    private final Growth cpuInside = new Growth();
    private final Growth cpuOutside = new Growth();
    private Map<Long, Watched> watched = Map.of();
    private @Nullable Snapshot before;
    private long quiet;
    private boolean answerIsDue;
    private long cpuWhenAsked;

    /** A thread that has been in the same call of the suite's at each look. */
    private static final class Watched {
        private final InCall first;
        private InCall last;
        private long counted;

        Watched(InCall first) {
            this.first = first;
            this.last = first;
        }

        /** A subject that calls back for ever is in another inner call each time; it is the outer one that does not return. */
        String name() {
            boolean same = first.call().inner().equals(last.call().inner());
            return same ? last.call().innerName() : last.call().outerName();
        }
    }

    /** CPU time that grows by more than a JVM uses that only waits. */
    private static final class Growth {
        private long mark;

        boolean isSign(long cpu) {
            if (cpu >= mark && cpu - mark < SIGN_OF_LIFE.toNanos()) {
                return false;
            }
            boolean grown = cpu > mark;
            mark = cpu;
            return grown;
        }
    }

    /**
     * Begins.
     *
     * @param limit how long the subject may have control in one call
     * @param progress hears the events
     * @param clock in nanoseconds
     */
    Watchdog(RunSource source, RunRecord record, Duration limit, Consumer<Event> progress, LongSupplier clock) {
        this.source = source;
        this.record = record;
        this.limit = limit;
        this.progress = progress;
        this.clock = clock;
        Duration quarter = limit.dividedBy(4);
        this.turn = quarter.compareTo(LONGEST_TURN) < 0 ? quarter : LONGEST_TURN;
    }

    /** Returns when the run has come to its end, was lost, or was ended. */
    void follow() throws InterruptedException {
        long last = clock.getAsLong();
        boolean goesOn = true;
        while (goesOn) {
            Event event = source.next(turn);
            long now = clock.getAsLong();
            quiet += atMostTwoTurns(now - last);
            last = now;
            goesOn = switch (event) {
                case null -> answerIsDue ? waitForAnswer() : ask();
                case Event.Looked looked -> judge(looked.snapshot());
                case Event.Threads late -> true;
                default -> take(event);
            };
            if (goesOn && quiet >= NO_SIGN_OF_LIFE.toNanos()) {
                end(threads -> record.silent(NO_SIGN_OF_LIFE, threads));
                goesOn = false;
            }
        }
    }

    /** Whoever watches, and whoever is watched, may be stopped for hours, and none of that is the subject's time. */
    private long atMostTwoTurns(long nanos) {
        return Math.min(nanos, 2 * turn.toNanos());
    }

    private boolean take(Event event) {
        watched = Map.of();
        before = null;
        quiet = 0;
        record.add(event);
        progress.accept(event);
        return !(event instanceof Event.Done || event instanceof Event.CutShort || event instanceof Event.Ended);
    }

    private boolean ask() {
        answerIsDue = true;
        cpuWhenAsked = source.cpu();
        cpuOutside.isSign(cpuWhenAsked);
        source.askForLook();
        return true;
    }

    /**
     * A JVM that works and does not answer is held up by native code that keeps it from a safepoint, or by its collector. Nobody
     * can say who had control.
     */
    private boolean waitForAnswer() {
        long cpu = source.cpu();
        if (cpuOutside.isSign(cpu)) {
            quiet = 0;
        }
        Duration patience = limit.compareTo(Runner.PATIENCE) < 0 ? Runner.PATIENCE : limit;
        if (cpu - cpuWhenAsked < patience.toNanos()) {
            return true;
        }
        source.kill();
        record.unanswered(NO_ANSWER);
        return false;
    }

    private boolean judge(Snapshot now) throws InterruptedException {
        answerIsDue = false;
        if (cpuInside.isSign(now.cpu() - now.subjectsCpu())) {
            quiet = 0;
        }
        watched = watched(now);
        before = now;
        Watched longest = watched.values().stream()
                .filter(one -> one.counted >= limit.toNanos())
                .min(Comparator.comparingLong(one -> one.last.id()))
                .orElse(null);
        if (longest == null) {
            return true;
        }
        end(threads -> record.hung(longest.name(), limit, threads));
        return false;
    }

    /** A step of the suite between two looks means that no call goes on that did before, however alike they look. */
    private Map<Long, Watched> watched(Snapshot now) {
        Snapshot old = before;
        Map<Long, Watched> still = new HashMap<>();
        for (InCall thread : now.threads()) {
            Watched one = watched.get(thread.id());
            if (old == null
                    || one == null
                    || old.steps() != now.steps()
                    || !one.last.call().outer().equals(thread.call().outer())) {
                still.put(thread.id(), new Watched(thread));
                continue;
            }
            if (one.last.call().inControl() && thread.call().inControl()) {
                one.counted += spent(old, now, one.last, thread);
            }
            one.last = thread;
            still.put(thread.id(), one);
        }
        return still;
    }

    /** {@return what counts of the time between two looks} */
    private long spent(Snapshot old, Snapshot now, InCall before, InCall after) {
        long elapsed = atMostTwoTurns(now.at() - old.at());
        Boolean asleep = now.asleep();
        if (Boolean.TRUE.equals(asleep)) {
            return elapsed; // the call waits, in Java or in native code, for something outside of this JVM
        }
        long own = after.cpu() - before.cpu();
        if (after.runnable() && own > 0) {
            return Math.min(own, elapsed);
        }
        if (asleep == null) {
            return after.runnable() ? 0 : elapsed;
        }
        // it waits for a thread that runs, or would if the machine let it
        return Math.clamp(now.cpu() - old.cpu(), 0, elapsed);
    }

    /** Ends a run, unless its JVM turns out to have ended by itself. */
    private void end(Consumer<String> how) throws InterruptedException {
        String threads = NO_ANSWER;
        if (!answerIsDue) {
            source.askForThreads();
            for (int i = 0; i < TURNS_FOR_THREADS; i++) {
                Event event = source.next(turn);
                if (event instanceof Event.Threads answer) {
                    threads = answer.dump();
                    break;
                }
                if (event instanceof Event.Ended) {
                    boolean unused = take(event);
                    return;
                }
            }
        }
        source.kill();
        how.accept(threads);
    }
}
