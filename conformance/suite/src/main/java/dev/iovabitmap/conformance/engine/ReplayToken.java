package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names one test, or one invocation of a parameterised test, and the seed that it ran with: {@code SetTest.cases[3]@42}. A run
 * with a device adds the tier and, if there are several, the transport: {@code SupersetTest.onOtherThreads[2]@42/simulated/log}.
 * The variant of the device is the invocation, from 1 for none.
 *
 * @param test the id of the test method
 * @param invocation from 1, or 0 for the whole method
 * @param seed the seed
 * @param tier the tier
 * @param transport the transport, or null
 */
public record ReplayToken(
        String test,
        int invocation,
        long seed,
        Tier tier,
        @Nullable String transport) {
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z]\\w*\\.[A-Za-z]\\w*)(?:\\[([1-9]\\d{0,8})])?@(\\d{1,20})"
                    + "(?:/(simulated|kernel|hardware)(?:/([a-z0-9][a-z0-9-]{0,31}))?)?");

    /**
     * Reads a token.
     *
     * @throws IllegalArgumentException if it is none, or names a test that does not exist; the message is one sentence
     */
    public static ReplayToken parse(String token) {
        Matcher form = FORM.matcher(token);
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + token
                    + "' is no replay token: one looks like SetTest.crossesWords@42 or SetTest.cases[3]@42");
        }
        BigInteger seed = new BigInteger(form.group(3));
        if (seed.bitLength() > Long.SIZE) {
            throw new IllegalArgumentException("the seed of '" + token + "' is 2^64 or more");
        }
        int invocation = form.group(2) == null ? 0 : Integer.parseInt(form.group(2));
        Tier tier =
                form.group(4) == null ? Tier.MEMORY : Tier.valueOf(form.group(4).toUpperCase(Locale.ROOT));
        ReplayToken read = new ReplayToken(form.group(1), invocation, U64.fromBigInteger(seed), tier, form.group(5));
        if (TestCatalogue.all().stream().noneMatch(test -> test.id().equals(read.test))) {
            throw new IllegalArgumentException("'" + token + "' names a test that does not exist: " + read.test);
        }
        return read;
    }

    /** {@return the token of a test as a run names it, with the invocation if it is one} */
    static String of(String testId, long seed, Tier tier, @Nullable String transport) {
        String device = tier == Tier.MEMORY ? "" : "/" + tier + (transport == null ? "" : "/" + transport);
        return testId + "@" + U64.toBigInteger(seed) + device;
    }

    /** {@return the test that the token names} */
    public TestCase testCase() {
        return TestCatalogue.all().stream()
                .filter(test -> test.id().equals(this.test))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String toString() {
        return of(invocation == 0 ? test : test + "[" + invocation + "]", seed, tier, transport);
    }
}
