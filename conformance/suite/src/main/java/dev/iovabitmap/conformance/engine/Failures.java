package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.subject.NotOffered;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what a test threw into a status and a text that is the same for the same seed. */
final class Failures {
    private static final int FRAMES = 12;
    private static final int LIMIT = 20_000;
    private static final Pattern ADDRESS = Pattern.compile("(address: ?)0x[0-9a-fA-F]+");
    private static final Pattern IDENTITY = Pattern.compile("(?<=[\\w\\];$.])@[0-9a-f]{1,8}\\b");
    private static final Pattern HIDDEN_CLASS = Pattern.compile("(\\$\\$\\w+/)0x[0-9a-f]+");

    private Failures() {}

    /**
     * A linkage error says that the provider was built for something else, and a JVM error that nothing can be judged. Only
     * what the provider itself threw counts: a check of the suite names that as the cause of its failure. Further down there
     * may be an error that the suite planted and the provider wrapped.
     */
    static Status statusOf(@Nullable Throwable thrown) {
        if (thrown == null) {
            return Status.PASS;
        }
        if (thrown instanceof NotOffered) {
            return Status.NOT_SUPPORTED;
        }
        Throwable ofProvider = isOfTheSuite(thrown) ? thrown.getCause() : thrown;
        return ofProvider instanceof LinkageError || ofProvider instanceof VirtualMachineError
                ? Status.ERROR
                : Status.FAIL;
    }

    private static boolean isOfTheSuite(Throwable thrown) {
        if (!(thrown instanceof AssertionError) || thrown.getStackTrace().length == 0) {
            return false;
        }
        String thrower = thrown.getStackTrace()[0].getClassName();
        return thrower.startsWith("dev.iovabitmap.conformance.") || thrower.startsWith("org.junit.");
    }

    static String textOf(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        if (thrown instanceof NotOffered) {
            return String.valueOf(thrown.getMessage());
        }
        StringBuilder text = new StringBuilder();
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < 4; depth++) {
            text.append(depth == 0 ? "" : "\ncaused by ").append(headOf(each, depth));
            if (!(each instanceof AssertionError) && !(each instanceof StackOverflowError)) {
                appendFrames(text, each.getStackTrace());
            }
            each = each.getCause();
        }
        return stable(text.toString());
    }

    /** {@return the class and message in a line, for a sentence} */
    static String brief(Throwable thrown) {
        String message = messageOf(thrown);
        return stable(thrown.getClass().getName() + (message == null ? "" : ": " + message));
    }

    private static String headOf(Throwable thrown, int depth) {
        String message = messageOf(thrown);
        return thrown instanceof AssertionError && depth == 0 && message != null
                ? message.strip()
                : thrown.getClass().getName() + (message == null ? "" : ": " + message);
    }

    /** An exception of a provider may well throw while it is asked for its message. */
    private static @Nullable String messageOf(Throwable thrown) {
        try {
            return thrown.getMessage();
        } catch (RuntimeException broken) {
            return "(its getMessage() threw " + broken.getClass().getName() + ")";
        }
    }

    private static void appendFrames(StringBuilder text, StackTraceElement[] frames) {
        int shown = 0;
        for (StackTraceElement frame : frames) {
            if (isEngine(frame.getClassName())) {
                continue;
            }
            if (shown++ == FRAMES) {
                text.append("\n    ...");
                return;
            }
            text.append("\n    at ").append(frame);
        }
    }

    private static boolean isEngine(String type) {
        return type.startsWith("org.junit.")
                || type.startsWith("net.jqwik.")
                || type.startsWith("java.lang.reflect.")
                || type.startsWith("jdk.internal.reflect.")
                || type.startsWith("dev.iovabitmap.conformance.engine.");
    }

    /** Addresses and identity hashes differ from run to run; a report must not. */
    private static String stable(String text) {
        String same = ADDRESS.matcher(text).replaceAll("$1(varies)");
        same = HIDDEN_CLASS.matcher(same).replaceAll("$1(varies)");
        same = IDENTITY.matcher(same).replaceAll("@(varies)");
        return Printable.of(same.length() <= LIMIT ? same : same.substring(0, LIMIT) + "\n... (cut)");
    }
}
