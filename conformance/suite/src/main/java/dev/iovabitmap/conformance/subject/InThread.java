package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.conformance.subject.Rig.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs things in other threads, and brings what they throw to this one. */
public final class InThread {
    private InThread() {}

    /** Runs an action in a new thread and waits for it. */
    public static void run(Action action) {
        run(List.of(action));
    }

    /** Runs actions in new threads at once and waits for all. */
    public static void run(List<Action> actions) {
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (Action action : actions) {
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                try {
                    action.run();
                } catch (Exception | Error thrown) {
                    throw thrown;
                } catch (Throwable other) {
                    throw new AssertionError(other);
                }
                return true;
            });
            tasks.add(task);
            Thread thread = new Thread(task, "suite");
            thread.setDaemon(true);
            thread.start();
        }
        for (FutureTask<Boolean> task : tasks) {
            join(task);
        }
    }

    private static void join(FutureTask<Boolean> task) {
        try {
            boolean unused = task.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            if (failed.getCause() instanceof NotOffered cannot) {
                throw cannot;
            }
            throw new AssertionError("another thread threw " + failed.getCause(), failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
