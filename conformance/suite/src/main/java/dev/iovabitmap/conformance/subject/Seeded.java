package dev.iovabitmap.conformance.subject;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;
import org.jspecify.annotations.Nullable;

/**
 * Gives every property of a class the run's seed, and an end to its shrinking: {@code @AddLifecycleHook(Seeded.class)}.
 *
 * <p>jqwik can stop to shrink by the clock, which gives another sample each time, or never, which may take hours. So the tries
 * after the first failure are counted; after the last every simpler sample counts as good, and jqwik keeps the one it has.
 *
 * <p>That alone does not end it. A sample that fails in another place, or of another type, is to jqwik neither good nor bad: it
 * keeps a hundred of them and goes on from each, which took minutes where a fault fails now in one line of a property and now
 * in the next. Here such a sample counts as good: what is reported is the first failure, in its simplest sample.
 */
public final class Seeded implements AroundPropertyHook, AroundTryHook {
    private static final int TRIES_TO_SHRINK = 300;

    /** One run at a time goes through, and its properties in one thread. */
    private static int triesLeft;

    private static @Nullable Failure first;

    /** What jqwik tells failures apart by. */
    private record Failure(
            @Nullable Class<?> type, @Nullable StackTraceElement line) {
        static Failure of(TryExecutionResult result, Method property) {
            Throwable thrown = result.throwable().orElse(null);
            if (thrown == null) {
                return new Failure(null, null);
            }
            StackTraceElement line = Arrays.stream(thrown.getStackTrace())
                    .filter(frame -> frame.getMethodName().equals(property.getName())
                            && frame.getClassName()
                                    .equals(property.getDeclaringClass().getName()))
                    .findFirst()
                    .orElse(null);
            return new Failure(thrown.getClass(), line);
        }
    }

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        context.attributes().setSeed(Long.toString(Subject.hasProvider() ? Subject.seed() : 0));
        first = null;
        triesLeft = TRIES_TO_SHRINK;
        return property.execute();
    }

    @Override
    public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor executor, List<Object> parameters) {
        if (first != null && triesLeft-- <= 0) {
            return TryExecutionResult.satisfied();
        }
        Steps.count();
        TryExecutionResult result = executor.execute(parameters);
        if (!result.isFalsified()) {
            return result;
        }
        Failure failure = Failure.of(result, context.targetMethod());
        if (first == null) {
            first = failure;
        }
        return failure.equals(first) ? result : TryExecutionResult.satisfied();
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS; // by default the hook of a class is never asked
    }
}
