package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call of the suite into the subject from which a thread has not returned, as its stack shows it. Nothing stands between a
 * test and its subject that could tell: rule ITER-1 asks for this very bitmap.
 *
 * @param outer where the outermost call is: the line of the suite that made it, and how deep in the stack
 * @param outerName what it called
 * @param inner where the innermost call is; differs from the outermost if the subject called the suite back
 * @param innerName what it called
 * @param inControl whether the subject's code is on top of the suite's
 */
record SubjectCall(String outer, String outerName, String inner, String innerName, boolean inControl) {
    /** Whose code a frame runs. What is neither the suite's nor neutral is the subject's, its own libraries included. */
    enum Owner {
        SUITE,
        /** The JDK and the test engines: whoever called them has control. */
        NEUTRAL,
        SUBJECT
    }

    /** The packages of the suite that are on the stack of a test, with those below them. */
    private static final List<String> SUITE =
            List.of(packageOf(SubjectCall.class), packageOf(Rule.class), packageOf(Subject.class));

    private static final List<String> ENGINES =
            List.of("org.junit.", "org.opentest4j.", "org.apiguardian.", "net.jqwik.", "jdk.", "java.");

    /** What the suite calls. */
    private static final List<Class<?>> API =
            List.of(IovaBitmap.class, DirtyTracker.class, HardwareHarness.class, IovaBitmapProvider.class);

    private static String packageOf(Class<?> type) {
        return type.getPackageName() + ".";
    }

    /** {@return whose code a frame runs} */
    static Owner ownerOf(StackTraceElement frame) {
        String type = frame.getClassName();
        if (SUITE.stream().anyMatch(type::startsWith)) {
            return Owner.SUITE;
        }
        String module = String.valueOf(frame.getModuleName());
        boolean neutral = module.startsWith("java.")
                || module.startsWith("jdk.")
                || ENGINES.stream().anyMatch(type::startsWith);
        return neutral ? Owner.NEUTRAL : Owner.SUBJECT;
    }

    /** {@return whether a thread runs code of the subject alone, as one that the subject started} */
    static boolean isSubjectsOwn(StackTraceElement[] stack) {
        List<Owner> owners = Arrays.stream(stack).map(SubjectCall::ownerOf).toList();
        return owners.contains(Owner.SUBJECT) && !owners.contains(Owner.SUITE);
    }

    /** {@return the call that a thread is in, or null if it is in none} */
    static @Nullable SubjectCall of(StackTraceElement[] stack, ClassLoader loader) {
        int outer = -1;
        int inner = -1;
        StackTraceElement caller = null;
        String outerCaller = "";
        String innerCaller = "";
        Owner below = Owner.NEUTRAL; // whoever called the frame that is looked at, the JDK and the engines left out
        for (int at = stack.length - 1; at >= 0; at--) {
            Owner owner = ownerOf(stack[at]);
            if (owner == Owner.SUITE) {
                caller = stack[at];
            } else if (owner == Owner.SUBJECT && below == Owner.SUITE) {
                inner = at;
                innerCaller = String.valueOf(caller);
                outer = outer < 0 ? at : outer;
                outerCaller = outer == at ? innerCaller : outerCaller;
            }
            below = owner == Owner.NEUTRAL ? below : owner;
        }
        return outer < 0
                ? null
                : new SubjectCall(
                        stack.length - outer + " above " + outerCaller,
                        nameOf(stack, outer, loader),
                        stack.length - inner + " above " + innerCaller,
                        nameOf(stack, inner, loader),
                        below == Owner.SUBJECT);
    }

    /** The class may be any in the subject's hierarchy; what it implements of the API is what a reader knows. */
    private static String nameOf(StackTraceElement[] stack, int at, ClassLoader loader) {
        StackTraceElement frame = stack[at];
        String type = Printable.brief(frame.getClassName());
        String method = Printable.brief(frame.getMethodName());
        if (method.equals("<init>")) {
            return "the constructor of " + type;
        }
        if (method.equals("<clinit>")) {
            return "the static initializer of " + type;
        }
        Class<?> api = apiOf(frame, loader);
        if (api == null) {
            return type + "." + method;
        }
        String call = api.getSimpleName() + "." + method;
        for (int i = at; i >= 0 && ownerOf(stack[i]) != Owner.SUITE; i--) {
            if (ownerOf(stack[i]) == Owner.SUBJECT && !isApi(stack[i])) {
                return call + " of " + Printable.brief(stack[i].getClassName());
            }
        }
        return call;
    }

    /** What a backend inherits from the API says nothing of which backend it is. */
    private static boolean isApi(StackTraceElement frame) {
        String type = frame.getClassName();
        String of = type.substring(0, type.lastIndexOf('.') + 1);
        return of.equals(packageOf(IovaBitmap.class)) || of.equals(packageOf(IovaBitmapProvider.class));
    }

    private static @Nullable Class<?> apiOf(StackTraceElement frame, ClassLoader loader) {
        try {
            Class<?> type = Class.forName(frame.getClassName(), false, loader);
            for (Class<?> api : API) {
                if (api.isAssignableFrom(type)
                        && Arrays.stream(api.getMethods())
                                .anyMatch(method -> method.getName().equals(frame.getMethodName()))) {
                    return api;
                }
            }
        } catch (ClassNotFoundException | LinkageError hidden) {
            return null; // a class of another loader, or one without a name
        }
        return null;
    }
}
