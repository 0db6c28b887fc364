package dev.iovabitmap.conformance.waiver;

import java.lang.module.ModuleDescriptor.Version;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A version, or a range with both ends as Maven writes it: {@code [1.2,1.3)} is 1.2 and all up to, but not, 1.3. */
final class VersionRange {
    private static final Pattern RANGE = Pattern.compile("([\\[(])([^,\\[\\]()]*),([^,\\[\\]()]*)([])])");

    private final String text;
    private final @Nullable Version from;
    private final @Nullable Version to;

    private VersionRange(String text, @Nullable Version from, @Nullable Version to) {
        this.text = text;
        this.from = from;
        this.to = to;
    }

    /**
     * Reads a version or a range.
     *
     * @throws IllegalArgumentException with one sentence on what is wrong
     */
    static VersionRange parse(String text) {
        if (text.isBlank() || text.contains("*")) {
            throw new IllegalArgumentException("'" + text + "' is over-broad: name a version or a range with two ends");
        }
        Matcher range = RANGE.matcher(text);
        if (!range.matches()) {
            if (text.matches(".*[\\[\\](),].*")) {
                throw new IllegalArgumentException("'" + text + "' is no version and no range such as [1.2,1.3)");
            }
            return new VersionRange(text, null, null);
        }
        String low = String.valueOf(range.group(2)).strip();
        String high = String.valueOf(range.group(3)).strip();
        if (low.isEmpty() || high.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' is over-broad: a range has two ends, as [1.2,1.3)");
        }
        Version from = version(low, text);
        Version to = version(high, text);
        if (from.compareTo(to) >= 0) {
            throw new IllegalArgumentException("'" + text + "' is an empty range");
        }
        return new VersionRange(text, from, to);
    }

    private static Version version(String end, String text) {
        try {
            return Version.parse(end);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("'" + text + "' has an end that is no version", wrong);
        }
    }

    /** {@return whether a version is in it; one that has no number, such as "unknown", is in no range} */
    boolean contains(String version) {
        if (from == null || to == null) {
            return text.equals(version);
        }
        try {
            Version given = Version.parse(version);
            int low = given.compareTo(from);
            int high = given.compareTo(to);
            return (text.startsWith("[") ? low >= 0 : low > 0) && (text.endsWith("]") ? high <= 0 : high < 0);
        } catch (IllegalArgumentException noVersion) {
            return false;
        }
    }
}
