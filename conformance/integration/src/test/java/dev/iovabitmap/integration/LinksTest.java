package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The links of the documentation and of the Javadoc's pages lead somewhere: to a file of the tree, and to a heading or an id in it.
 * Links that leave the tree are not followed. That a {@code @link} names something is doclint's to see.
 */
class LinksTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *(```|~~~).*?^ *\\1 *$");
    private static final Pattern CODE = Pattern.compile("(`+)(?!`).+?(?<!`)\\1(?!`)");
    private static final Pattern INLINE =
            Pattern.compile("!?\\[(?:[^\\[\\]]|\\[[^\\]]*])*]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");
    private static final Pattern DEFINED = Pattern.compile("(?m)^ {0,3}\\[[^\\]]+]:\\s*<?(\\S+?)>?(?:\\s.*)?$");
    private static final Pattern ATTRIBUTE = Pattern.compile("\\s(?:href|src)\\s*=\\s*\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\\s(?:id|name)\\s*=\\s*\"([^\"]*)\"");
    private static final Pattern HEADING = Pattern.compile("(?m)^ {0,3}#{1,6}\\s+(.+?)\\s*#*\\s*$");
    private static final Pattern MENTION = Pattern.compile("(?<![\\w./-])((?:docs|conformance)/[\\w./-]+[.]md)\\b");

    private final Map<Path, Set<String>> anchors = new HashMap<>();

    /** Files of the tree that no build made. */
    private static List<Path> files(Predicate<String> name) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String own = directory.getFileName().toString();
                return Set.of("target", ".git", "certification").contains(own)
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (name.test(file.getFileName().toString())) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertFalse(found.isEmpty());
        return found.stream().sorted().toList();
    }

    private static Set<String> matches(Pattern pattern, String text) {
        Set<String> found = new HashSet<>();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            found.add(matcher.group(1)
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&"));
        }
        return found;
    }

    static Set<String> linksOfMarkdown(String markdown) {
        String prose = CODE.matcher(FENCE.matcher(markdown).replaceAll("")).replaceAll("code");
        Set<String> links = matches(INLINE, prose);
        links.addAll(matches(DEFINED, prose));
        links.addAll(matches(ATTRIBUTE, prose));
        return links;
    }

    /** The anchors that a forge makes of headings: in lower case, without punctuation, spaces as hyphens, and numbered if taken. */
    static Set<String> anchorsOfMarkdown(String markdown) {
        String text = FENCE.matcher(markdown).replaceAll("");
        Set<String> found = matches(ID, text);
        Map<String, Integer> seen = new HashMap<>();
        for (Matcher heading = HEADING.matcher(text); heading.find(); ) {
            String slug = heading.group(1)
                    .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            int before = seen.merge(slug, 1, Integer::sum) - 1;
            found.add(before == 0 ? slug : slug + "-" + before);
        }
        return found;
    }

    private Set<String> anchors(Path file) throws IOException {
        Set<String> known = anchors.get(file);
        if (known == null) {
            String text = Files.readString(file);
            known = file.toString().endsWith(".md") ? anchorsOfMarkdown(text) : matches(ID, text);
            anchors.put(file, known);
        }
        return known;
    }

    /** What is wrong with a link; nothing if it leads somewhere or leaves the tree. */
    private List<String> check(Path from, String link) throws IOException {
        if (link.matches("[a-zA-Z][a-zA-Z0-9+.-]*:.*") || link.startsWith("//")) {
            return List.of();
        }
        int hash = link.indexOf('#');
        String path = (hash < 0 ? link : link.substring(0, hash)).replaceAll("[?].*", "");
        String anchor =
                hash < 0 ? "" : URLDecoder.decode(link.substring(hash + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
        Path to = path.isEmpty()
                ? from
                : from.resolveSibling(URLDecoder.decode(path, StandardCharsets.UTF_8))
                        .normalize();
        String what = ROOT.relativize(from) + ": " + link;
        if (!to.startsWith(ROOT) || !Files.exists(to)) {
            return List.of(what + " leads nowhere");
        }
        if (!anchor.isEmpty() && Files.isRegularFile(to) && !anchors(to).contains(anchor)) {
            return List.of(what + " names no heading or id");
        }
        return List.of();
    }

    @Test
    void ofTheDocumentation() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path file : files(name -> name.endsWith(".md"))) {
            for (String link : linksOfMarkdown(Files.readString(file))) {
                links++;
                broken.addAll(check(file, link));
            }
        }
        assertEquals(List.of(), broken);
        assertFalse(links < 50, "only " + links + " links were found");
    }

    @Test
    void pagesThatSourcesMentionAreThere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path file : files(name -> name.matches(".*[.](java|xml|yml|md|sh|groovy)|run|doctor|iova-bitmap"))) {
            for (String page : matches(MENTION, Files.readString(file))) {
                if (!Files.exists(ROOT.resolve(page)) && !Files.exists(file.resolveSibling(page))) {
                    broken.add(ROOT.relativize(file) + ": " + page);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    /** With -Pall, which makes the pages. */
    @ParameterizedTest
    @Tag("repetition")
    @ValueSource(strings = {"api", "impl-heap", "impl-ffm", "impl-vfio", "conformance/suite"})
    void ofTheJavadoc(String module) throws IOException {
        Path pages = ROOT.resolve(module).resolve("target/reports/apidocs");
        List<String> broken = new ArrayList<>();
        List<Path> all;
        try (var walk = Files.walk(pages)) {
            all = walk.filter(page -> page.toString().endsWith(".html")).toList();
        }
        assertFalse(all.isEmpty(), "no pages in " + pages);
        for (Path page : all) {
            for (String link : matches(ATTRIBUTE, Files.readString(page).replaceAll("(?s)<script.*?</script>", ""))) {
                broken.addAll(check(page, link));
            }
        }
        assertEquals(List.of(), broken);
    }

    @ParameterizedTest
    @CsvSource({
        "[a](b.md#c), b.md#c",
        "![a](b.svg), b.svg",
        "'[a](b.md \"title\")', b.md",
        "[`code`](b.md), b.md",
        "[a]: b.md, b.md",
        "<a href=\"b.md\">, b.md",
        "<img src=\"b.svg\">, b.svg",
        "[![a](b.md)](b.md), b.md"
    })
    void areFoundInMarkdown(String markdown, String link) {
        assertEquals(Set.of(link), linksOfMarkdown(markdown));
    }

    @Test
    void inCodeAreNone() {
        assertEquals(Set.of(), linksOfMarkdown("`[a](b)` and\n\n```\n[a](b)\n# no heading\n```\n"));
        assertEquals(
                Set.of("a-heading-it-is", "twice", "twice-1", "own", "a_b-c"),
                anchorsOfMarkdown(
                        "# A heading: it *is*\n## Twice\n## Twice\n<a id=\"own\"></a>\n### `a_b`-c\n```\n# no\n```\n"));
    }

    @Test
    void thatLeadNowhereAreSeen() throws IOException {
        Path readme = ROOT.resolve("README.md");
        assertEquals(1, check(readme, "no-such-page.md").size());
        assertEquals(1, check(readme, "../outside.md").size());
        assertEquals(1, check(readme, "CONTRIBUTING.md#none").size());
        assertEquals(List.of(), check(readme, "CONTRIBUTING.md#building"));
        assertEquals(List.of(), check(readme, "docs/adr/"));
        assertEquals(List.of(), check(readme, "https://example.com/none"));
    }
}
