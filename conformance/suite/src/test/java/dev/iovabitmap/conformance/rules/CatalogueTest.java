package dev.iovabitmap.conformance.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.engine.TestCatalogue;
import dev.iovabitmap.conformance.rules.Rule.Level;
import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.conformance.subject.Lacks;
import dev.iovabitmap.spi.Feature;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules and tests fit together. */
class CatalogueTest {
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();

    @Test
    void rulesAreComplete() {
        assertEquals("1.0", CATALOGUE.spec());
        for (Rule rule : CATALOGUE.rules()) {
            assertTrue(rule.id().matches("[A-Z]+-[1-9][0-9]*"), rule.id());
            assertFalse(rule.text().isBlank(), rule.id());
            assertFalse(rule.source().isBlank(), rule.id());
            assertFalse(rule.tiers().isEmpty(), rule.id());
            assertEquals(rule, CATALOGUE.rule(rule.id()));
        }
    }

    @Test
    void groupsAreNumberedWithoutGaps() {
        Set<String> ids = CATALOGUE.rules().stream().map(Rule::id).collect(Collectors.toSet());
        for (Rule rule : CATALOGUE.rules()) {
            int number = Integer.parseInt(rule.id().substring(rule.group().length() + 1));
            assertTrue(number == 1 || ids.contains(rule.group() + "-" + (number - 1)), rule.id());
        }
        Set<String> groups = CATALOGUE.rules().stream().map(Rule::group).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                new TreeSet<>(List.of("ALLOC", "BIT", "SET", "WIN", "ITER", "LIFE", "READ", "CONC", "HW")), groups);
    }

    @Test
    void anUnknownRuleIsRefusedByItsName() {
        Exception refusal = assertThrows(IllegalArgumentException.class, () -> CATALOGUE.rule("SET-99"));
        assertTrue(refusal.getMessage().contains("SET-99"), refusal.getMessage());
    }

    @Test
    void everyMustHasATest() {
        Set<String> verified = TestCatalogue.all().stream()
                .flatMap(test -> test.rules().stream())
                .collect(Collectors.toSet());
        List<String> missing = CATALOGUE.rules().stream()
                .filter(rule -> rule.level() == Level.MUST && rule.scope() != Scope.DOCUMENT)
                .map(Rule::id)
                .filter(id -> !verified.contains(id))
                .toList();
        assertEquals(List.of(), missing);
    }

    /** A rule without features binds each provider, so whatever a provider has, a test is left for it. */
    @Test
    void everyMustHasATestForEveryProviderThatItBinds() {
        for (Rule rule : CATALOGUE.rules()) {
            for (Set<Feature> features : powerSet()) {
                if (rule.scope() != Scope.DOCUMENT && features.containsAll(rule.features())) {
                    assertTrue(
                            TestCatalogue.all().stream()
                                    .anyMatch(test -> test.rules().contains(rule.id()) && test.appliesTo(features)),
                            () -> rule.id() + " has no test for " + features);
                }
            }
        }
    }

    private static List<Set<Feature>> powerSet() {
        return Stream.iterate(0, i -> i + 1)
                .limit(1L << Feature.values().length)
                .map(mask -> EnumSet.allOf(Feature.class).stream()
                        .filter(feature -> (mask >> feature.ordinal() & 1) != 0)
                        .collect(Collectors.<Feature>toSet()))
                .toList();
    }

    @Test
    void everyTestNamesKnownRules() {
        for (TestCase test : TestCatalogue.all()) {
            assertFalse(test.rules().isEmpty(), test.id());
            for (String rule : test.rules()) {
                assertFalse(CATALOGUE.rule(rule).scope() == Scope.DOCUMENT, test.id());
            }
        }
    }

    @Test
    void idsOfTestsAreUnique() {
        long distinct =
                TestCatalogue.all().stream().map(TestCase::id).distinct().count();
        assertEquals(TestCatalogue.all().size(), distinct);
    }

    @Test
    void aMissingFeatureIsTestedWhereTheSpecificationDemandsARefusal() {
        assertTrue(TestCatalogue.all().stream()
                .anyMatch(test -> test.rules().contains("BIT-3")
                        && test.method().isAnnotationPresent(Lacks.class)
                        && test.lacks().equals(Set.of(Feature.UNALIGNED_DATA))));
    }

    @Test
    void everyClassWithTestsIsInTheCatalogue() throws IOException, URISyntaxException, ClassNotFoundException {
        URI location = RuleCatalogue.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        Path classes = Path.of(location);
        Path rules = classes.resolve("dev/iovabitmap/conformance/rules");
        Set<String> listed = TestCatalogue.all().stream()
                .map(test -> test.method().getDeclaringClass().getName() + "."
                        + test.method().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(rules)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name =
                        classes.relativize(file).toString().replace('/', '.').replace(".class", "");
                if (!name.endsWith("-info")) {
                    for (Method method : Class.forName(name).getDeclaredMethods()) {
                        if (method.isAnnotationPresent(Verifies.class)) {
                            found.add(name + "." + method.getName());
                        }
                    }
                }
            }
        }
        assertEquals(found, listed);
    }
}
