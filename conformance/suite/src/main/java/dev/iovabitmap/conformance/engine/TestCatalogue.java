package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.alloc.AllocTest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** All tests of the suite, in the order of the specification. */
public final class TestCatalogue {
    /** A test of this module fails if a class with tests is missing here. */
    static final List<Class<?>> CLASSES = List.of(AllocTest.class);

    private static final List<TestCase> ALL = CLASSES.stream()
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Verifies.class))
                    .map(TestCase::of)
                    .sorted(Comparator.comparing(TestCase::id)))
            .toList();

    private TestCatalogue() {}

    /** {@return all tests} */
    public static List<TestCase> all() {
        return ALL;
    }
}
