package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.conformance.engine.RunListener;
import dev.iovabitmap.conformance.engine.SuiteRun;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Runs tests and keeps what failed. */
public final class Failures implements RunListener {
    private final Map<String, Throwable> failures = new TreeMap<>();
    private final Set<String> methods = new TreeSet<>();

    private Failures() {}

    /** {@return what came of tests on a provider} */
    public static Failures of(List<TestCase> tests, IovaBitmapProvider provider, long seed) {
        return of(tests, provider, seed, Hardware.NONE);
    }

    /** {@return what came of tests on a provider and its device} */
    public static Failures of(List<TestCase> tests, IovaBitmapProvider provider, long seed, Hardware hardware) {
        Failures failures = new Failures();
        SuiteRun.execute(tests, provider, seed, hardware, failures);
        return failures;
    }

    /** {@return the failures by test, or by invocation of a parameterised one} */
    public Map<String, Throwable> failures() {
        return failures;
    }

    /** {@return the test methods that ended} */
    public Set<String> methods() {
        return methods;
    }

    @Override
    public void started(String testId) {}

    @Override
    public void finished(String testId, @Nullable Throwable failure) {
        methods.add(testId.replaceAll("\\[.*", ""));
        if (failure != null) {
            failures.put(testId, failure);
        }
    }

    @Override
    public void broken(String what, @Nullable Throwable cause) {
        throw new AssertionError("broken: " + what, cause);
    }
}
