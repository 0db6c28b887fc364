package dev.iovabitmap.conformance.subject;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What jqwik gets to see when it looks for a simpler sample. */
class SeededTest {
    /** The messages that jqwik saw, and those that the property threw. */
    private static final List<String> SEEN = new ArrayList<>();

    private static final Set<String> THROWN = new HashSet<>();

    /** Outside of the hook that is tested. */
    static final class Observer implements AroundTryHook {
        @Override
        public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor executor, List<Object> values) {
            TryExecutionResult result = executor.execute(values);
            result.throwable().map(Throwable::getMessage).ifPresent(SEEN::add);
            return result;
        }

        @Override
        public int aroundTryProximity() {
            return -100;
        }

        @Override
        public PropagationMode propagateTo() {
            return PropagationMode.ALL_DESCENDANTS;
        }
    }

    /** Fails in one line or the other, as an implementation does that is wrong everywhere. */
    @AddLifecycleHook(Seeded.class)
    @AddLifecycleHook(Observer.class)
    static class TwoPlaces {
        @Property(shrinking = ShrinkingMode.FULL)
        void fails(@ForAll long a, @ForAll long b) {
            if (Long.bitCount(a ^ b) % 2 == 0) {
                THROWN.add("here");
                throw new IllegalStateException("here");
            }
            THROWN.add("there");
            throw new IllegalStateException("there");
        }
    }

    @Test
    void aFailureElsewhereIsNotFollowed() {
        SEEN.clear();
        THROWN.clear();
        LauncherFactory.create()
                .execute(LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(TwoPlaces.class))
                        .configurationParameter("jqwik.database", "")
                        .build());
        assertEquals(Set.of("here", "there"), THROWN);
        assertTrue(SEEN.size() > 1, SEEN::toString);
        assertEquals(1, new HashSet<>(SEEN).size(), SEEN::toString);
    }
}
