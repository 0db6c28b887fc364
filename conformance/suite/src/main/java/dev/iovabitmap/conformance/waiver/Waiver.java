package dev.iovabitmap.conformance.waiver;

import dev.iovabitmap.conformance.engine.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/**
 * Says that one rule may fail for one subject until a day, and who answers for that.
 *
 * @param owner who answers for it, a name with an address say
 * @param rule the id of the rule
 * @param subject what it is granted to
 * @param reason why
 * @param url where it is tracked, http or https
 * @param expires the last day on which it holds, as in 2026-12-31
 */
public record Waiver(String owner, String rule, Subject subject, String reason, String url, String expires) {
    /** Longer than a year is no waiver but another specification. */
    private static final int LONGEST_DAYS = 366;

    private static final int LONGEST_TEXT = 2000;
    private static final Pattern PROVIDER = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final Pattern RULE = Pattern.compile("[A-Z]+-[1-9][0-9]*");

    /**
     * What a waiver is granted to.
     *
     * @param provider the name of the provider
     * @param version its version, or a range with both ends such as {@code [1.2,1.3)}
     */
    public record Subject(String provider, String version) {}

    /** {@return the last day on which it holds} */
    public LocalDate lastDay() {
        return LocalDate.parse(expires);
    }

    /** {@return whether it is granted to a version of a provider} */
    public boolean covers(String provider, String version) {
        return subject.provider().equals(provider)
                && VersionRange.parse(subject.version()).contains(version);
    }

    /**
     * Checks each field by itself.
     *
     * @throws IllegalArgumentException with one sentence that names the field
     */
    public void check() {
        text("owner", owner);
        text("reason", reason);
        text("url", url);
        if (!RULE.matcher(rule).matches()) {
            throw new IllegalArgumentException(
                    "its rule '" + rule + "' is not the id of one rule such as SET-5: a waiver is for a single one");
        }
        if (!PROVIDER.matcher(subject.provider()).matches()) {
            throw new IllegalArgumentException("its subject.provider '" + subject.provider()
                    + "' is not the name of one provider: a waiver is for a single one");
        }
        try {
            VersionRange.parse(subject.version());
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("its subject.version " + wrong.getMessage(), wrong);
        }
        try {
            URI uri = new URI(url);
            if (!("https".equals(uri.getScheme()) || "http".equals(uri.getScheme())) || uri.getHost() == null) {
                throw new IllegalArgumentException("its url '" + url + "' is no http or https address");
            }
        } catch (URISyntaxException wrong) {
            throw new IllegalArgumentException("its url '" + url + "' is no http or https address", wrong);
        }
        try {
            if (!lastDay().toString().equals(expires)) {
                throw new IllegalArgumentException("its expires '" + expires + "' is no date such as 2026-12-31");
            }
        } catch (DateTimeParseException wrong) {
            throw new IllegalArgumentException("its expires '" + expires + "' is no date such as 2026-12-31", wrong);
        }
    }

    /**
     * Checks that it holds on a day, and not for too long after it.
     *
     * @throws IllegalArgumentException with one sentence why not
     */
    public void checkOn(LocalDate day) {
        if (lastDay().isBefore(day)) {
            throw new IllegalArgumentException("it expired on " + expires + ", and the day is " + day);
        }
        if (lastDay().isAfter(day.plusDays(LONGEST_DAYS))) {
            throw new IllegalArgumentException("it holds until " + expires + ", more than " + LONGEST_DAYS
                    + " days from " + day + ": that is over-broad");
        }
    }

    private static void text(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("its " + name + " is empty");
        }
        if (value.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("its " + name + " has more than " + LONGEST_TEXT + " characters");
        }
        if (!Printable.is(value) || value.contains("\n") || value.contains("\t")) {
            throw new IllegalArgumentException("its " + name
                    + " has a control character, a line break or one that turns the direction of writing");
        }
    }

    /** {@return it in a line, for people} */
    public String line() {
        return rule + " is waived until " + expires + " by " + owner + ": " + reason + " (" + url + ")";
    }
}
