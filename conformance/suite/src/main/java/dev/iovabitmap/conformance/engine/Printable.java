package dev.iovabitmap.conformance.engine;

import java.util.regex.Pattern;

/** Text from a provider or an argument, as it may go to a terminal or into a file that people read in one. */
public final class Printable {
    /** Control characters but for tab and new line, and those that turn the direction of writing. */
    private static final Pattern HARMFUL =
            Pattern.compile("[\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

    private static final int LONGEST = 400;

    private Printable() {}

    /** {@return the text with a question mark for each character that would steer the terminal} */
    public static String of(String text) {
        return HARMFUL.matcher(text).replaceAll("?");
    }

    /** {@return the text without its harm, and cut where it gets longer than a sentence} */
    public static String brief(String text) {
        String harmless = of(text);
        return harmless.length() <= LONGEST ? harmless : harmless.substring(0, LONGEST) + "...";
    }
}
