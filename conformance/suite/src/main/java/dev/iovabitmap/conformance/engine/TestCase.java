package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.Lacks;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.spi.Feature;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * A test method of the suite.
 *
 * @param id the simple name of the class and the method's, such as {@code SetTest.crossesWords}; unique
 * @param method the method
 * @param rules the ids of the rules that it verifies
 * @param needs the features that a provider has to have for it
 * @param lacks the features that a provider must not have for it
 */
public record TestCase(String id, Method method, List<String> rules, Set<Feature> needs, Set<Feature> lacks) {
    static TestCase of(Method method) {
        Needs needs = method.getAnnotation(Needs.class);
        Lacks lacks = method.getAnnotation(Lacks.class);
        return new TestCase(
                method.getDeclaringClass().getSimpleName() + "." + method.getName(),
                method,
                List.of(method.getAnnotation(Verifies.class).value()),
                needs == null ? Set.of() : Set.of(needs.value()),
                lacks == null ? Set.of() : Set.of(lacks.value()));
    }

    /** {@return the test method of an id that may name an invocation of it} */
    public static String methodOf(String id) {
        int bracket = id.indexOf('[');
        return bracket < 0 ? id : id.substring(0, bracket);
    }

    /** {@return whether the test applies at a tier: without a device none is driven} */
    public boolean appliesTo(Tier tier) {
        return tier != Tier.MEMORY || !needs.contains(Feature.HARDWARE);
    }

    /** {@return whether the test applies to a provider with these features} */
    public boolean appliesTo(Set<Feature> features) {
        return features.containsAll(needs) && Collections.disjoint(features, lacks);
    }
}
