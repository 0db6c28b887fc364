package dev.iovabitmap.conformance.rules;

import dev.iovabitmap.spi.Feature;
import java.util.Set;

/**
 * A rule of the specification.
 *
 * @param id such as {@code SET-5}
 * @param level how binding it is
 * @param scope what it speaks of
 * @param text the rule
 * @param source where it comes from
 * @param features what a provider needs to have for the rule to apply
 * @param tiers where it applies
 */
public record Rule(
        String id, Level level, Scope scope, String text, String source, Set<Feature> features, Set<Tier> tiers) {
    /** How binding a rule is. */
    public enum Level {
        MUST,
        SHOULD
    }

    /** What a rule speaks of. */
    public enum Scope {
        /** A provider; part of certificates. */
        SUBJECT,
        /** This project's own arithmetic and reading. */
        LIBRARY,
        /** Documentation; no test can see it. */
        DOCUMENT
    }

    /** {@return the part before the number, such as {@code SET}} */
    public String group() {
        return id.substring(0, id.indexOf('-'));
    }
}
