package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.subject.Hardware;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.discovery.MethodSelector;
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
    private static volatile boolean stuck;
    /** It logs what it makes of its own settings, which is no news to anybody who runs this. */
    private static final Logger JQWIK = Logger.getLogger("net.jqwik");

    static {
        JQWIK.setLevel(Level.WARNING);
    }

    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)]");

    private SuiteRun() {}

    /** Runs the tests in this thread, without a device. */
    public static void execute(List<TestCase> tests, IovaBitmapProvider provider, long seed, RunListener listener) {
        execute(tests, provider, seed, Hardware.NONE, listener);
    }

    /** Runs the tests in this thread. */
    public static void execute(
            List<TestCase> tests, IovaBitmapProvider provider, long seed, Hardware hardware, RunListener listener) {
        List<DiscoverySelector> selectors =
                tests.stream().map(test -> (DiscoverySelector) select(test)).toList();
        run(selectors, provider, seed, hardware, listener);
    }

    /** Runs one test, or one invocation of it, in this thread. */
    public static void replay(ReplayToken token, IovaBitmapProvider provider, Hardware hardware, RunListener listener) {
        DiscoverySelector method = select(token.testCase());
        DiscoverySelector selector =
                token.invocation() == 0 ? method : DiscoverySelectors.selectIteration(method, token.invocation() - 1);
        run(List.of(selector), provider, token.seed(), hardware, listener);
    }

    /**
     * Waits for the turn of this thread.
     *
     * @throws IllegalStateException if an earlier run in this JVM never returned
     */
    static void acquire() {
        try {
            while (!ONE_AT_A_TIME.tryLock(100, TimeUnit.MILLISECONDS)) {
                refuseIfStuck();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another run had its turn", interrupted);
        }
    }

    static void release() {
        ONE_AT_A_TIME.unlock();
    }

    /** The run under way hangs, so that this JVM is of no use any more. */
    static void giveUp() {
        stuck = true;
    }

    private static void refuseIfStuck() {
        if (stuck) {
            throw new IllegalStateException("an earlier conformance run in this JVM never returned");
        }
    }

    private static MethodSelector select(TestCase test) {
        return DiscoverySelectors.selectMethod(test.method().getDeclaringClass(), test.method());
    }

    private static void run(
            List<DiscoverySelector> selectors,
            IovaBitmapProvider provider,
            long seed,
            Hardware hardware,
            RunListener listener) {
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
                .selectors(selectors)
                // no database, and shrinking that no clock cuts short: the same seed has to give the same result
                .configurationParameter("jqwik.database", "")
                .configurationParameter("jqwik.shrinking.default", "FULL")
                .configurationParameter("jqwik.reporting.onlyfailures", "true")
                .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                .build();
        acquire();
        Subject.enter(provider, seed, hardware);
        try (LauncherSession session = LauncherFactory.openSession(config)) {
            session.getLauncher().execute(request, new Adapter(listener));
        } finally {
            Subject.leave();
            release();
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
            if (test.isTest() && result.getStatus() != TestExecutionResult.Status.ABORTED) {
                listener.finished(idOf(test), result.getThrowable().orElse(null));
            } else if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                listener.broken(
                        idOf(test) + " was not run to its end",
                        result.getThrowable().orElse(null));
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            listener.broken(idOf(test) + " was skipped: " + reason, null);
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
