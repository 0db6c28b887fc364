package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests of the suite on a provider in this JVM, with exactly two engines and no configuration from outside. */
public final class SuiteRun {
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();
    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)]");

    private SuiteRun() {}

    /** Runs the tests in this thread. */
    public static void execute(List<TestCase> tests, IovaBitmapProvider provider, long seed, RunListener listener) {
        LauncherConfig config = LauncherConfig.builder()
                .enableTestEngineAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .enableLauncherDiscoveryListenerAutoRegistration(false)
                .enableLauncherSessionListenerAutoRegistration(false)
                .enablePostDiscoveryFilterAutoRegistration(false)
                .addTestEngines(engine("junit-jupiter"), engine("jqwik"))
                .build();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .enableImplicitConfigurationParameters(false)
                .selectors(tests.stream()
                        .map(test ->
                                DiscoverySelectors.selectMethod(test.method().getDeclaringClass(), test.method()))
                        .toList())
                // no database, and shrinking that no clock cuts short: the same seed has to give the same result
                .configurationParameter("jqwik.database", "")
                .configurationParameter("jqwik.shrinking.default", "FULL")
                .configurationParameter("jqwik.reporting.onlyfailures", "true")
                .build();
        ONE_AT_A_TIME.lock();
        Subject.enter(provider, seed);
        try (LauncherSession session = LauncherFactory.openSession(config)) {
            session.getLauncher().execute(request, new Adapter(listener));
        } finally {
            Subject.leave();
            ONE_AT_A_TIME.unlock();
        }
    }

    /** The engines are in no exported package, so that a service is the only way to them. */
    private static TestEngine engine(String id) {
        return ServiceLoader.load(TestEngine.class, SuiteRun.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(engine -> engine.getId().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the test engine " + id + " is not on the class path"));
    }

    private record Adapter(RunListener listener) implements TestExecutionListener {
        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                listener.started(idOf(test));
            }
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                listener.finished(idOf(test), result.getThrowable().orElse(null));
            } else if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                listener.broken(test.getDisplayName(), result.getThrowable().orElse(null));
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            listener.broken(test.getDisplayName() + " was skipped: " + reason, null);
        }

        private static String idOf(TestIdentifier test) {
            String method = test.getSource()
                    .map(source -> source instanceof MethodSource of ? of : null)
                    .map(source -> simpleName(source.getClassName()) + "." + source.getMethodName())
                    .orElse(test.getDisplayName());
            Matcher invocation = INVOCATION.matcher(test.getUniqueId());
            return invocation.find() ? method + "[" + invocation.group(1) + "]" : method;
        }

        private static String simpleName(String className) {
            return className.substring(className.lastIndexOf('.') + 1);
        }
    }
}
