package dev.iovabitmap.conformance.naive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
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

/** A right provider passes, whatever its features. */
class NaiveProviderTest {
    static List<Set<Feature>> features() {
        return List.of(
                Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET),
                Set.of(Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET),
                Set.of());
    }

    @ParameterizedTest
    @MethodSource("features")
    void passes(Set<Feature> features) {
        List<TestCase> tests = TestCatalogue.all().stream()
                .filter(test -> test.appliesTo(features))
                .toList();
        Failures run = Failures.of(tests, new NaiveProvider(features), 42);
        Map<String, Throwable> failures = new TreeMap<>(run.failures());
        if (!Processors.several()) {
            List<Throwable> notJudged = failures.values().stream()
                    .filter(InternalError.class::isInstance)
                    .toList();
            assertEquals(features.contains(Feature.CONCURRENT_SET), !notJudged.isEmpty());
            failures.values().removeAll(notJudged);
        }
        assertEquals(Map.of(), failures);
        assertEquals(tests.stream().map(TestCase::id).collect(Collectors.toCollection(TreeSet::new)), run.methods());
    }
}
