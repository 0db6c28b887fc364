package dev.iovabitmap.conformance.subject;

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

/**
 * Gives every property of a class the run's seed, and an end to its shrinking: {@code @AddLifecycleHook(Seeded.class)}.
 *
 * <p>jqwik can stop to shrink by the clock, which gives another sample each time, or never, which may take hours. So the tries
 * after the first failure are counted; after the last every simpler sample counts as good, and jqwik keeps the one it has.
 */
public final class Seeded implements AroundPropertyHook, AroundTryHook {
    private static final int TRIES_TO_SHRINK = 300;

    /** One run at a time goes through, and its properties in one thread. */
    private static int triesLeft;

    private static boolean failed;

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        context.attributes().setSeed(Long.toString(Subject.hasProvider() ? Subject.seed() : 0));
        failed = false;
        triesLeft = TRIES_TO_SHRINK;
        return property.execute();
    }

    @Override
    public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor executor, List<Object> parameters) {
        if (failed && triesLeft-- <= 0) {
            return TryExecutionResult.satisfied();
        }
        TryExecutionResult result = executor.execute(parameters);
        failed |= result.isFalsified();
        return result;
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS; // by default the hook of a class is never asked
    }
}
