package dev.iovabitmap.conformance.faults.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.ReplayToken;
import dev.iovabitmap.conformance.engine.RunRecord;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.faults.Trial;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;

/**
 * The suite's tests as tests of JUnit's, one for each, so that PIT knows which of them see which line, and runs just those.
 */
final class SuiteTests {
    private static final long SEED = 42;

    private SuiteTests() {}

    /** {@return a test of the suite on a provider} */
    static DynamicTest of(IovaBitmapProvider provider, TestCase test, Hardware hardware) {
        return DynamicTest.dynamicTest(test.id() + hardware.options(), () -> requirePassed(provider, test, hardware));
    }

    /**
     * Returns a test of what the suite asks a provider before its tests, and then writes into a certificate: one by that name
     * is found, is there, and claims what is expected.
     */
    static DynamicTest examined(String name, Set<Feature> features) {
        return DynamicTest.dynamicTest("examined: " + name, () -> {
            if (isOnlyLookedFor()) {
                return;
            }
            IovaBitmapProvider provider = IovaBitmapProvider.named(name);
            assertTrue(IovaBitmapProvider.all().stream().anyMatch(each -> name.equals(each.name())));
            RunRecord record = runOf(provider);
            assertEquals(List.of(), record.problems());
            assertTrue(record.complete());
            Description description = Objects.requireNonNull(record.description());
            assertEquals(name, description.name());
            assertEquals(features, description.features());
            assertNull(description.unavailable());
            assertFalse(description.version().isBlank());
        });
    }

    private static RunRecord runOf(IovaBitmapProvider provider) throws InterruptedException {
        ReplayToken one = ReplayToken.parse(TestCatalogue.all().get(0).id() + "@" + SEED);
        return Runner.inProcess(provider, Order.replay(one, Map.of()), Runner.PATIENCE, event -> {})
                .record();
    }

    /**
     * Returns a test of what somebody is told who asks for a provider that is not there, and then for one that is and cannot work
     * here: what there is, and why not.
     */
    static DynamicTest missed() {
        return DynamicTest.dynamicTest("missed", () -> {
            if (isOnlyLookedFor()) {
                return;
            }
            OddProviders.among(() -> {
                String told = assertThrows(IllegalArgumentException.class, () -> IovaBitmapProvider.named("nothing"))
                        .getMessage();
                List<String> parts = List.of(
                        "'nothing'",
                        "odd (unavailable: " + OddProviders.Elsewhere.WHY + "), ",
                        OddProviders.Undecided.class.getName() + " (it does not say",
                        "heap, ",
                        "cannot be used");
                assertEquals(
                        List.of(),
                        parts.stream().filter(part -> !told.contains(part)).toList(),
                        told);
            });
            Description description =
                    Objects.requireNonNull(runOf(new OddProviders.Elsewhere()).description());
            assertEquals(OddProviders.Elsewhere.WHY, description.unavailable());
        });
    }

    private static void requirePassed(IovaBitmapProvider provider, TestCase test, Hardware hardware) {
        if (isOnlyLookedFor()) {
            return;
        }
        Trial trial = Trial.of(provider, List.of(test), SEED, hardware);
        assertEquals(Set.of(test.id()), trial.methods());
        trial.failures().values().stream()
                .filter(SuiteTests::isOfTheProvider)
                .findFirst()
                .ifPresent(failure -> {
                    throw new AssertionError(
                            provider.name() + " fails " + test.id() + ": " + failure.getMessage(), failure);
                });
    }

    /**
     * PIT's plugin for JUnit finds tests by running them. For coverage that run is the one that counts, but each JVM that tries
     * mutants, a new one after each that hangs, would run the whole suite before it begins.
     */
    private static boolean isOnlyLookedFor() {
        Set<String> callers = StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName).collect(Collectors.toSet()));
        return callers.contains("org.pitest.testapi.execute.FindTestUnits")
                && !callers.contains("org.pitest.coverage.execute.CoverageMinion");
    }

    /** Neither a test that needs more processors nor one that needs more of the harness says anything of the provider. */
    private static boolean isOfTheProvider(Throwable failure) {
        return !(failure instanceof NotOffered) && (Processors.several() || !(failure instanceof InternalError));
    }
}
