package dev.iovabitmap.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints the command that runs the failed tests again. The tests of all modules have it on their class path. */
public final class RunAgainListener implements TestExecutionListener {
    private final SortedSet<String> failed = new ConcurrentSkipListSet<>();

    /** Creates the listener. */
    public RunAgainListener() {}

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.FAILED) {
            test.getSource().ifPresent(source -> {
                if (source instanceof MethodSource method) {
                    failed.add(simpleName(method.getClassName()) + "#" + method.getMethodName());
                } else if (source instanceof ClassSource type) {
                    failed.add(simpleName(type.getClassName()));
                }
            });
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        // Maven names the module's directory
        String module = System.getProperty("basedir");
        if (!failed.isEmpty() && module != null && isOfMaven()) {
            System.out.println("To run again what failed: " + command(Path.of(module), new TreeSet<>(failed)));
        }
        failed.clear();
    }

    /** Tells the run of Maven's from one that a test made. */
    private static boolean isOfMaven() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.startsWith("org.junit.jupiter.") || name.startsWith("org.apache.maven."))
                        .findFirst())
                .filter(name -> name.startsWith("org.apache.maven."))
                .isPresent();
    }

    static String command(Path module, SortedSet<String> tests) {
        Path root = module;
        while (root.getParent() != null && !Files.isDirectory(root.resolve(".mvn"))) {
            root = root.getParent();
        }
        boolean integration =
                tests.stream().allMatch(test -> test.replaceFirst("#.*", "").endsWith("IT"));
        return "mvn verify -pl " + root.relativize(module) + " -am "
                + (integration ? "-Dtest=None -Dit.test=" : "-Dtest=") + "'" + String.join(",", tests)
                + "' -Dsurefire.failIfNoSpecifiedTests=false"
                + (integration ? " -Dfailsafe.failIfNoSpecifiedTests=false" : "");
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1).replaceFirst("\\$.*", "");
    }
}
