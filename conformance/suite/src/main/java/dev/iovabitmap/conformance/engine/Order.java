package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.Tier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a run shall do.
 *
 * @param scope which rules
 * @param tier at which tier
 * @param options what names the device to the provider, such as {@code transport}; empty at tier memory
 * @param seed every random choice follows from it
 * @param replay the only test to run, or null for all that apply
 */
public record Order(
        Rule.Scope scope,
        Tier tier,
        Map<String, String> options,
        long seed,
        @Nullable ReplayToken replay) {
    /** {@return a seed for a run that was given none; below 2^53, so that every reader of JSON keeps it exactly} */
    public static long anySeed() {
        return ThreadLocalRandom.current().nextLong(1L << 53);
    }

    /** {@return an order for a certificate} */
    public static Order certify(Tier tier, long seed) {
        return certify(tier, Map.of(), seed);
    }

    /** {@return an order for a certificate of a device that options name} */
    public static Order certify(Tier tier, Map<String, String> options, long seed) {
        return new Order(Rule.Scope.SUBJECT, tier, Map.copyOf(options), seed, null);
    }

    /** {@return an order for one test, at the tier and with the transport that the token names} */
    public static Order replay(ReplayToken token, Map<String, String> more) {
        Map<String, String> options = new LinkedHashMap<>(more);
        if (token.transport() != null) {
            options.put("transport", token.transport());
        }
        return new Order(Rule.Scope.SUBJECT, token.tier(), Map.copyOf(options), token.seed(), token);
    }

    /** {@return what the report of a subject is called: one for each transport, and for each tier that needs a device} */
    public String subjectOf(String name) {
        String transport = transport() == null ? "" : "-" + transport();
        return name + transport + (tier.needsSimulated() ? "-" + tier : "");
    }

    /** {@return the provider's name in what {@link #subjectOf} gave} */
    public String providerOf(String subject) {
        return subject.substring(0, subject.length() - subjectOf("").length());
    }

    /** {@return the transport that was asked for, or null} */
    public @Nullable String transport() {
        return options.get("transport");
    }

    /** {@return what the provider is given to open its device} */
    Map<String, String> hardwareOptions() {
        Map<String, String> all = new LinkedHashMap<>(options);
        all.put("tier", tier.toString());
        return Map.copyOf(all);
    }

    /** {@return the token that runs a test again, as this order does} */
    public String tokenOf(String testId) {
        return ReplayToken.of(testId, seed, tier, transport());
    }
}
