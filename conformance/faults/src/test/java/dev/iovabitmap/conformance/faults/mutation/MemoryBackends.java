package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.ffm.ConcurrentFfmProvider;
import dev.iovabitmap.ffm.FfmProvider;
import dev.iovabitmap.heap.ConcurrentHeapProvider;
import dev.iovabitmap.heap.HeapProvider;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What the mutation run judges the api and the backends in memory by. Not run in a normal build, where the conformance tests of
 * each backend's own module run the same.
 */
class MemoryBackends {
    @TestFactory
    Stream<DynamicTest> examinations() {
        return Stream.of(
                SuiteTests.missed(),
                SuiteTests.examined("heap", Set.of()),
                SuiteTests.examined("heap-concurrent", Set.of(Feature.CONCURRENT_SET)),
                SuiteTests.examined("ffm", Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA)),
                SuiteTests.examined("ffm-concurrent", Set.of(Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET)));
    }

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
                .filter(test -> test.appliesTo(provider.features()) && test.appliesTo(Tier.MEMORY))
                .filter(test -> provider instanceof FfmProvider || !isOfTheLibrary(test))
                .map(test -> SuiteTests.of(provider, test, Hardware.NONE));
    }

    private static boolean isOfTheLibrary(TestCase test) {
        return test.rules().stream()
                .allMatch(rule -> RuleCatalogue.load().rule(rule).scope() == Rule.Scope.LIBRARY);
    }
}
