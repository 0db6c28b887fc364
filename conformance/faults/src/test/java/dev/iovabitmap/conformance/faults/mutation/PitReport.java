package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.conformance.faults.mutation.Mutant.Key;
import dev.iovabitmap.conformance.faults.mutation.Mutant.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Reads PIT's {@code mutations.xml}. */
final class PitReport {
    private record Entry(String type, String name, String descriptor, String change, int index, Element element) {
        static Entry of(Element element) {
            return new Entry(
                    text(element, "mutatedClass"),
                    text(element, "mutatedMethod"),
                    text(element, "methodDescription"),
                    described(text(element, "mutator"), text(element, "description")),
                    Integer.parseInt(text(
                            (Element) element.getElementsByTagName("indexes").item(0), "index")),
                    element);
        }

        String method() {
            return name.replaceAll("^(lambda\\$.*\\$)\\d+$", "$1") + descriptor;
        }

        /** Lambdas are numbered in the order in which they stand in the class. */
        int number() {
            String digits = name.replaceAll("^lambda\\$.*\\$(\\d+)$", "$1");
            return digits.equals(name) ? 0 : Integer.parseInt(digits);
        }
    }

    private PitReport() {}

    /** {@return the mutants of a report} */
    static List<Mutant> read(InputStream xml) throws IOException {
        List<Entry> entries = elements(xml).stream()
                .map(Entry::of)
                .sorted(Comparator.comparing(Entry::type)
                        .thenComparing(Entry::method)
                        .thenComparing(Entry::number)
                        .thenComparing(Entry::index))
                .toList();
        Map<Key, Integer> seen = new HashMap<>();
        return entries.stream()
                .map(entry -> {
                    Key first = new Key(entry.type, entry.method(), entry.change, 1);
                    int occurrence = seen.merge(first, 1, Integer::sum);
                    String killer = text(entry.element, "killingTest");
                    return new Mutant(
                            new Key(first.type(), first.method(), first.change(), occurrence),
                            Integer.parseInt(text(entry.element, "lineNumber")),
                            Outcome.valueOf(entry.element.getAttribute("status")),
                            killer.isEmpty() ? null : killer);
                })
                .toList();
    }

    private static List<Element> elements(InputStream xml) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            NodeList nodes =
                    factory.newDocumentBuilder().parse(xml).getDocumentElement().getElementsByTagName("mutation");
            return new ArrayList<>(IntStream.range(0, nodes.getLength())
                    .mapToObj(i -> (Element) nodes.item(i))
                    .toList());
        } catch (ParserConfigurationException | SAXException broken) {
            throw new IOException("no report of PIT's: " + broken.getMessage(), broken);
        }
    }

    private static String text(Element element, String name) {
        return element.getElementsByTagName(name).item(0).getTextContent();
    }

    /** Short, and without the numbers of lambdas. */
    private static String described(String mutator, String description) {
        return mutator.substring(mutator.lastIndexOf('.') + 1).replaceAll("Mutator$", "")
                + ": "
                + description.replaceAll(" for \\S+$", "").replaceAll("(?:[\\w$]+/)+([\\w$]+)::", "$1::");
    }
}
