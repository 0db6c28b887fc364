package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.engine.RunListener;
import dev.iovabitmap.conformance.engine.SuiteRun;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.faults.device.DeviceProvider;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the suite's tests made of a provider, in this thread. */
public final class Trial implements RunListener {
    private final Map<String, Throwable> failures = new LinkedHashMap<>();
    private final Set<String> methods = new TreeSet<>();

    private final boolean device;

    private Trial(boolean device) {
        this.device = device;
    }

    /** Runs tests on a faulty implementation. */
    static Trial of(Fault fault, List<TestCase> tests, long seed) {
        boolean device = fault.features().contains(Feature.HARDWARE);
        Library.use(fault.library());
        try {
            return of(fault.provider().get(), tests, seed, device ? DeviceProvider.SIMULATED : Hardware.NONE);
        } finally {
            Library.use(Library.REAL);
        }
    }

    /** Runs tests on a provider without a device. */
    static Trial of(IovaBitmapProvider provider, List<TestCase> tests, long seed) {
        return of(provider, tests, seed, Hardware.NONE);
    }

    /** Runs tests on a provider and its device. */
    public static Trial of(IovaBitmapProvider provider, List<TestCase> tests, long seed, Hardware hardware) {
        Trial trial = new Trial(!hardware.equals(Hardware.NONE));
        SuiteRun.execute(tests, provider, seed, hardware, trial);
        return trial;
    }

    /** {@return the tests that apply to a provider with these features} */
    static List<TestCase> tests(Set<Feature> features) {
        return TestCatalogue.all().stream()
                .filter(test -> test.appliesTo(features))
                .toList();
    }

    /** {@return those of them that verify one of some rules} */
    static List<TestCase> tests(Set<Feature> features, Collection<String> rules) {
        return tests(features).stream()
                .filter(test -> test.rules().stream().anyMatch(rules::contains))
                .toList();
    }

    /** {@return the failures by test, or by invocation of a parameterised one} */
    public Map<String, Throwable> failures() {
        return failures;
    }

    /** {@return the test methods that ended} */
    public Set<String> methods() {
        return methods;
    }

    /**
     * Returns the test methods that failed. One that could not judge, as on a single processor, has not. On a device only
     * what a test asserts counts: the model throws of itself, and a harness that offers too little ends tests as well.
     */
    Set<String> failed() {
        Set<String> failed = new TreeSet<>();
        failures.forEach((test, thrown) -> {
            if (thrown instanceof AssertionError || !(device || thrown instanceof InternalError)) {
                failed.add(methodOf(test));
            }
        });
        return failed;
    }

    /** {@return the rules of which a test failed} */
    List<String> caughtBy() {
        return rules(failed());
    }

    /** {@return the rules that some test methods verify, in the order of the specification} */
    static List<String> rules(Set<String> methods) {
        Set<String> verified = TestCatalogue.all().stream()
                .filter(test -> methods.contains(test.id()))
                .flatMap(test -> test.rules().stream())
                .collect(Collectors.toSet());
        return RuleCatalogue.load().rules().stream()
                .map(Rule::id)
                .filter(verified::contains)
                .toList();
    }

    private static String methodOf(String testId) {
        int bracket = testId.indexOf('[');
        return bracket < 0 ? testId : testId.substring(0, bracket);
    }

    @Override
    public void started(String testId) {}

    @Override
    public void finished(String testId, @Nullable Throwable failure) {
        methods.add(methodOf(testId));
        if (failure != null) {
            failures.put(testId, failure);
        }
    }

    @Override
    public void broken(String what, @Nullable Throwable cause) {
        throw new AssertionError("broken: " + what, cause);
    }
}
