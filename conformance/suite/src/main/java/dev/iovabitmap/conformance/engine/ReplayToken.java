package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.subject.U64;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one test, or one invocation of a parameterised test, and the seed that it ran with: {@code SetTest.cases[3]@42}.
 *
 * @param test the id of the test method
 * @param invocation from 1, or 0 for the whole method
 * @param seed the seed
 */
public record ReplayToken(String test, int invocation, long seed) {
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z]\\w*\\.[A-Za-z]\\w*)(?:\\[([1-9]\\d{0,8})])?@(\\d{1,20})");

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
        ReplayToken read = new ReplayToken(form.group(1), invocation, U64.fromBigInteger(seed));
        if (TestCatalogue.all().stream().noneMatch(test -> test.id().equals(read.test))) {
            throw new IllegalArgumentException("'" + token + "' names a test that does not exist: " + read.test);
        }
        return read;
    }

    /** {@return the token of a test as a run names it, with the invocation if it is one} */
    static String of(String testId, long seed) {
        return testId + "@" + U64.toBigInteger(seed);
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
        return of(invocation == 0 ? test : test + "[" + invocation + "]", seed);
    }
}
