package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.subject.Processors;
import dev.iovabitmap.spi.Feature;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the faults are made of is right, whatever its features: otherwise a fault would be caught for another reason. */
class RightProviderTest {
    static List<Set<Feature>> features() {
        return List.of(RightProvider.ALL, Set.of(Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET), Set.of());
    }

    @ParameterizedTest
    @MethodSource("features")
    void passes(Set<Feature> features) {
        List<TestCase> tests = Trial.tests(features);
        Trial trial = Trial.of(new RightProvider(features), tests, 42);
        Map<String, Throwable> failures = new TreeMap<>(trial.failures());
        if (!Processors.several()) {
            List<Throwable> notJudged = failures.values().stream()
                    .filter(InternalError.class::isInstance)
                    .toList();
            assertEquals(features.contains(Feature.CONCURRENT_SET), !notJudged.isEmpty());
            failures.values().removeAll(notJudged);
        }
        assertEquals(Map.of(), failures);
        assertEquals(tests.stream().map(TestCase::id).collect(Collectors.toCollection(TreeSet::new)), trial.methods());
    }
}
