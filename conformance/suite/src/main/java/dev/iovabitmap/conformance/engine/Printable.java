package dev.iovabitmap.conformance.engine;

import java.util.regex.Pattern;

/** Text from a provider or an argument, as it may go to a terminal or into a file that people read in one. */
public final class Printable {
    /**
     * Control characters but for tab and new line, those that turn the direction of writing or begin a line, and halves of
     * surrogate pairs, which no encoding can write.
     */
    private static final Pattern HARMFUL =
            Pattern.compile("[\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F\\u061C\\u200E\\u200F\\u2028-\\u202E"
                    + "\\u2066-\\u2069\\x{D800}-\\x{DFFF}]");

    private static final int LONGEST = 400;

    private Printable() {}

    /** {@return the text with a question mark for each character that would steer the terminal} */
    public static String of(String text) {
        return HARMFUL.matcher(text).replaceAll("?");
    }

    /** {@return whether the text has none of these characters} */
    public static boolean is(String text) {
        return !HARMFUL.matcher(text).find();
    }

    /** {@return the text without its harm, and cut where it gets longer than a sentence} */
    public static String brief(String text) {
        String harmless = of(text);
        return harmless.length() <= LONGEST ? harmless : harmless.substring(0, LONGEST) + "...";
    }
}
