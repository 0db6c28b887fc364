package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.subject.Steps;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One look at a JVM while it is silent. All times are nanoseconds, and only differences between two looks mean anything.
 *
 * @param at when, by the clock of that JVM
 * @param cpu the CPU time of its process, but for that of looking
 * @param subjectsCpu the CPU time of threads that run the subject's code alone
 * @param steps what the suite has done, as {@link Steps} counts it
 * @param asleep whether no thread was running or waiting for a processor; null where that cannot be seen
 * @param threads the threads that are in calls of the subject
 */
record Snapshot(
        long at,
        long cpu,
        long subjectsCpu,
        long steps,
        @Nullable Boolean asleep,
        List<InCall> threads) {
    private static final Path TASKS = Path.of("/proc/self/task");

    private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

    /**
     * A thread in a call of the subject.
     *
     * @param id its number
     * @param call the call
     * @param runnable whether it is, as far as the JVM knows: native code counts as running even while it waits
     * @param cpu its CPU time
     */
    record InCall(long id, SubjectCall call, boolean runnable, long cpu) {}

    /** {@return what this JVM does now, seen by the thread that asks} */
    static Snapshot take() {
        Boolean asleep = seesSleep(); // first: what follows wakes others
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<InCall> inCalls = new ArrayList<>();
        long subjectsCpu = 0;
        for (Map.Entry<Thread, StackTraceElement[]> each :
                Thread.getAllStackTraces().entrySet()) {
            Thread thread = each.getKey();
            ClassLoader context = thread.getContextClassLoader();
            ClassLoader loader = context == null ? ClassLoader.getSystemClassLoader() : context;
            SubjectCall call = SubjectCall.of(each.getValue(), loader);
            long cpu = Math.max(0, threads.getThreadCpuTime(thread.threadId()));
            if (call != null) {
                boolean runnable = thread.getState() == Thread.State.RUNNABLE;
                inCalls.add(new InCall(thread.threadId(), call, runnable, cpu));
            } else if (SubjectCall.isSubjectsOwn(each.getValue())) {
                subjectsCpu += cpu;
            }
        }
        long cpu = cpuOf(ProcessHandle.current()) - Math.max(0, threads.getCurrentThreadCpuTime());
        return new Snapshot(System.nanoTime(), cpu, subjectsCpu, Steps.counted(), asleep, inCalls);
    }

    /** {@return the CPU time of a process, 0 where that is not known} */
    static long cpuOf(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    /**
     * Only the thread that looks may be running, and the compilers, which that keeps busy. A thread that waits for a disk is not
     * asleep: the machine may be short of memory.
     */
    private static @Nullable Boolean seesSleep() {
        if (!Files.isDirectory(TASKS)) {
            return null;
        }
        int awake = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                awake += isAwake(task) ? 1 : 0;
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException unreadable) {
            return null;
        }
        return awake <= 1;
    }

    private static boolean isAwake(Path task) {
        try {
            String stat = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
            int end = stat.lastIndexOf(')'); // the name before it may hold anything
            char state = stat.charAt(end + 2);
            String name = stat.substring(stat.indexOf('(') + 1, end);
            return (state == 'R' || state == 'D') && !COMPILER.matcher(name).lookingAt();
        } catch (IOException ended) {
            return false;
        }
    }
}
