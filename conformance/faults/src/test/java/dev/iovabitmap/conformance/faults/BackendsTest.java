package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.ffm.ConcurrentFfmProvider;
import dev.iovabitmap.ffm.FfmProvider;
import dev.iovabitmap.heap.ConcurrentHeapProvider;
import dev.iovabitmap.heap.HeapProvider;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * What the nightly mutation run judges the backends by: a test of JUnit's for each of the suite's, so that it knows which
 * tests see which line and runs just those. Not run in a normal build, where the conformance tests of each backend's own
 * module run the same; vfio, whose tests need its simulated kernel, is judged only there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackendsTest {
    private static final long SEED = 42;

    @TestFactory
    Stream<DynamicTest> heap() {
        return suite(new HeapProvider());
    }

    @TestFactory
    Stream<DynamicTest> heapConcurrent() {
        return suite(new ConcurrentHeapProvider());
    }

    @TestFactory
    Stream<DynamicTest> ffm() {
        return suite(new FfmProvider());
    }

    @TestFactory
    Stream<DynamicTest> ffmConcurrent() {
        return suite(new ConcurrentFfmProvider());
    }

    /** The tests of our own reading are the same for every provider; ffm's memory can be at any offset, so they run there. */
    private static Stream<DynamicTest> suite(IovaBitmapProvider provider) {
        return TestCatalogue.all().stream()
                .filter(test -> test.appliesTo(provider.features()))
                .filter(test -> provider instanceof FfmProvider || !isOfTheLibrary(test))
                .map(test -> DynamicTest.dynamicTest(test.id(), () -> pass(provider, test)));
    }

    private static boolean isOfTheLibrary(TestCase test) {
        return test.rules().stream()
                .allMatch(rule -> RuleCatalogue.load().rule(rule).scope() == Rule.Scope.LIBRARY);
    }

    private static void pass(IovaBitmapProvider provider, TestCase test) {
        Trial trial = Trial.of(provider, List.of(test), SEED);
        assertEquals(Set.of(test.id()), trial.methods());
        trial.failures().values().stream()
                .filter(failure -> Processors.several() || !(failure instanceof InternalError))
                .findFirst()
                .ifPresent(failure -> {
                    throw new AssertionError(
                            provider.name() + " fails " + test.id() + ": " + failure.getMessage(), failure);
                });
    }
}
