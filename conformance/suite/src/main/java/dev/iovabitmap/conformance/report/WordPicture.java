package dev.iovabitmap.conformance.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;

/**
 * A word of a bitmap as it should be and as it is, bit by bit, drawn from the words in a failure's message.
 *
 * @param word its index; negative in front of the data
 * @param expected 16 hexadecimal digits, or dashes where there is no memory
 * @param actual the same of what was found
 */
record WordPicture(String word, String expected, String actual) {
    private static final String HEX = "0x([0-9a-f\\[\\]-]{16,18})";
    private static final Pattern FIRST =
            Pattern.compile("word (-?[0-9]+), bit [0-9]+ of the word:\\n *expected " + HEX + "\\n *actual +" + HEX);
    private static final Pattern FURTHER = Pattern.compile("word (-?[0-9]+): expected " + HEX + ", actual " + HEX);
    private static final int MOST = 8;
    private static final int CELL = 9;

    /** {@return the words that a message shows} */
    static List<WordPicture> in(String message) {
        List<WordPicture> words = new ArrayList<>();
        for (Pattern pattern : List.of(FIRST, FURTHER)) {
            pattern.matcher(message).results().limit(MOST).map(WordPicture::of).forEach(words::add);
        }
        return words.stream()
                .filter(word -> word.expected.length() == 16 && word.actual.length() == 16)
                .toList();
    }

    private static WordPicture of(MatchResult found) {
        return new WordPicture(found.group(1), digits(found.group(2)), digits(found.group(3)));
    }

    private static String digits(String marked) {
        return marked.replace("[", "").replace("]", "");
    }

    /** {@return 1 or 0, or -1 where there is no memory} */
    private static int bit(String digits, int bit) {
        int digit = Character.digit(digits.charAt(15 - bit / 4), 16);
        return digit < 0 ? -1 : digit >> bit % 4 & 1;
    }

    private List<Integer> differing() {
        List<Integer> bits = new ArrayList<>();
        for (int bit = 0; bit < 64; bit++) {
            if (bit(expected, bit) != bit(actual, bit)) {
                bits.add(bit);
            }
        }
        return bits;
    }

    /** {@return what the picture shows, in words} */
    String caption() {
        List<Integer> bits = differing();
        StringBuilder text = new StringBuilder("Word " + word + ": ");
        text.append(bits.size() == 1 ? "1 bit differs" : bits.size() + " bits differ")
                .append(": ");
        for (int i = 0; i < Math.min(bits.size(), MOST); i++) {
            int bit = bits.get(i);
            text.append(i == 0 ? "" : "; ").append("bit ").append(bit);
            text.append(bit(actual, bit) == 0 ? " is 0, not 1" : " is 1, not 0");
        }
        return text.append(bits.size() > MOST ? "; and more" : "").toString();
    }

    void draw(HtmlWriter html) throws XMLStreamException {
        html.open("figure");
        html.element("figcaption", caption());
        html.open("div", "class", "word", "role", "img", "aria-label", caption());
        for (int octet = 7; octet >= 0; octet--) {
            html.open("svg", "viewBox", "0 0 " + (8 * CELL + 2) + " 42", "aria-hidden", "true");
            for (int bit = 7; bit >= 0; bit--) {
                draw(html, 8 * octet + bit, 1 + (7 - bit) * CELL);
            }
            html.element("text", (8 * octet + 7) + "\u2026" + 8 * octet, "x", "1", "y", "40");
            html.close();
        }
        html.close();
        html.close();
    }

    private void draw(HtmlWriter html, int bit, int x) throws XMLStreamException {
        cell(html, x, 1, bit(expected, bit));
        cell(html, x, 13, bit(actual, bit));
        if (bit(expected, bit) != bit(actual, bit)) {
            html.empty(
                    "rect", "class", "differs", "x", String.valueOf(x - 0.5), "y", "0.5", "width", "9", "height", "22");
            int middle = x + 4;
            html.empty("path", "class", "arrow", "d", "M" + middle + " 24l4 6h-8z");
        }
    }

    private static void cell(HtmlWriter html, int x, int y, int value) throws XMLStreamException {
        String kind = value < 0 ? "none" : value == 0 ? "zero" : "one";
        html.empty("rect", "class", kind, "x", String.valueOf(x), "y", String.valueOf(y), "width", "8", "height", "9");
    }
}
