package dev.iovabitmap.conformance.engine;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;

/** All stacks of this JVM; ThreadInfo's own text stops after eight frames. */
final class ThreadDump {
    private ThreadDump() {}

    static String take() {
        StringBuilder text = new StringBuilder();
        for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            text.append('"')
                    .append(thread.getThreadName())
                    .append("\" ")
                    .append(thread.isDaemon() ? "daemon " : "")
                    .append(thread.getThreadState());
            LockInfo lock = thread.getLockInfo();
            if (lock != null) {
                text.append(" on ").append(lock);
                if (thread.getLockOwnerName() != null) {
                    text.append(" held by \"").append(thread.getLockOwnerName()).append('"');
                }
            }
            text.append('\n');
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("    at ").append(frame).append('\n');
            }
            text.append('\n');
        }
        return text.toString();
    }
}
