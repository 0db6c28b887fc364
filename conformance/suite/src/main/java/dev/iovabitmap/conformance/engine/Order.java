package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Tier;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a run shall do.
 *
 * @param scope which rules
 * @param tier at which tier
 * @param seed every random choice follows from it
 * @param replay the only test to run, or null for all that apply
 */
public record Order(
        Rule.Scope scope, Tier tier, long seed, @Nullable ReplayToken replay) {
    /** {@return a seed for a run that was given none; below 2^53, so that every reader of JSON keeps it exactly} */
    public static long anySeed() {
        return ThreadLocalRandom.current().nextLong(1L << 53);
    }

    /** {@return an order for a certificate} */
    public static Order certify(Tier tier, long seed) {
        return new Order(Rule.Scope.SUBJECT, tier, seed, null);
    }

    /** {@return an order for one test} */
    public static Order replay(Tier tier, ReplayToken token) {
        return new Order(Rule.Scope.SUBJECT, tier, token.seed(), token);
    }
}
