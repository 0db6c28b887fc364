package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.RunListener;
import dev.iovabitmap.conformance.engine.SuiteRun;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.ffm.ConcurrentFfmProvider;
import dev.iovabitmap.ffm.FfmProvider;
import dev.iovabitmap.heap.ConcurrentHeapProvider;
import dev.iovabitmap.heap.HeapProvider;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The real backends pass every test of the suite that applies to them. A test of JUnit's for each of the suite's, so that the
 * nightly mutation run knows which tests see which line and runs just those.
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

    private static Stream<DynamicTest> suite(IovaBitmapProvider provider) {
        return TestCatalogue.all().stream()
                .filter(test -> test.appliesTo(provider.features()))
                .map(test -> DynamicTest.dynamicTest(test.id(), () -> pass(provider, test)));
    }

    private static void pass(IovaBitmapProvider provider, TestCase test) {
        Result result = new Result();
        SuiteRun.execute(List.of(test), provider, SEED, result);
        if (result.ran == 0) {
            throw new AssertionError(test.id() + " did not run");
        }
        Throwable failure = result.failure;
        if (failure != null && (Processors.several() || !(failure instanceof InternalError))) {
            throw new AssertionError(provider.name() + " fails " + test.id() + ": " + failure.getMessage(), failure);
        }
    }

    private static final class Result implements RunListener {
        private int ran;
        private @Nullable Throwable failure;

        @Override
        public void started(String testId) {
            ran++;
        }

        @Override
        public void finished(String testId, @Nullable Throwable thrown) {
            if (failure == null) {
                failure = thrown;
            }
        }

        @Override
        public void broken(String what, @Nullable Throwable cause) {
            failure = new AssertionError("broken: " + what, cause);
        }
    }
}
