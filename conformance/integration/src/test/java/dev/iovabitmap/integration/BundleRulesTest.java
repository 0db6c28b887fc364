package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A small bundle that is right, and the same with one thing wrong. */
class BundleRulesTest {
    private static final String PARENT = """
            <project>
              <modelVersion>4.0.0</modelVersion>
              <groupId>com.acme</groupId>
              <artifactId>parent</artifactId>
              <version>1.0</version>
              <packaging>pom</packaging>
              <name>Parent</name>
              <description>What all share.</description>
              <url>${home}</url>
              <licenses><license><name>Apache-2.0</name><url>https://example.com/licence</url></license></licenses>
              <developers><developer><name>Somebody</name></developer></developers>
              <scm>
                <url>${home}</url>
                <connection>scm:git:${home}.git</connection>
                <developerConnection>scm:git:${home}.git</developerConnection>
              </scm>
              <properties><home>https://example.com/acme</home></properties>
            </project>
            """;
    private static final String CHILD = """
            <project>
              <modelVersion>4.0.0</modelVersion>
              <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1.0</version></parent>
              <artifactId>card</artifactId>
              <name>Card</name>
              <description>The card.</description>
            </project>
            """;
    private static final Map<String, String> SUMS =
            Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256", ".sha512", "SHA-512");

    @TempDir
    Path repository;

    private Path parent;
    private Path child;

    @BeforeEach
    void write() throws IOException {
        parent = repository.resolve("com/acme/parent/1.0/parent-1.0.pom");
        child = repository.resolve("com/acme/card/1.0/card-1.0.pom");
        put(parent, PARENT);
        put(child, CHILD);
        for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json")) {
            put(child.resolveSibling("card-1.0" + suffix), "of " + suffix);
        }
    }

    /** Writes a file, its checksums, and a signature that the tests take for one. */
    private static void put(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.writeString(Path.of(file + ".asc"), "signed: " + content);
        for (Map.Entry<String, String> sum : SUMS.entrySet()) {
            try {
                byte[] digest = MessageDigest.getInstance(sum.getValue()).digest(Files.readAllBytes(file));
                Files.writeString(
                        Path.of(file + sum.getKey()), HexFormat.of().formatHex(digest) + System.lineSeparator());
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    private List<String> broken() throws IOException {
        return BundleRules.broken(repository, (signature, signed) -> {
            try {
                return Files.readString(signature).equals("signed: " + Files.readString(signed));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertBroken(String expected) throws IOException {
        List<String> broken = broken();
        assertTrue(broken.stream().anyMatch(each -> each.contains(expected)), () -> expected + ": " + broken);
    }

    @Test
    void aRightBundleBreaksNoRule() throws IOException {
        assertEquals(List.of(), broken());
    }

    /** So that a pom that would be refused is seen before the day of a release. */
    @Test
    void ourPomsWouldBeTaken() throws IOException {
        Map<String, String> poms = Map.of(
                "parent", "pom.xml",
                "bom", "api/bom/pom.xml",
                "api", "api/pom.xml",
                "heap", "impl-heap/pom.xml",
                "ffm", "impl-ffm/pom.xml",
                "vfio", "impl-vfio/pom.xml",
                "conformance", "conformance/suite/pom.xml");
        for (Map.Entry<String, String> pom : poms.entrySet()) {
            String name = "iova-bitmap-" + pom.getKey();
            Path to = repository.resolve("dev/iovabitmap/" + name + "/7.0.0/" + name + "-7.0.0.pom");
            String text = Files.readString(Path.of("../..").resolve(pom.getValue()))
                    .replaceAll(
                            "<version>[0-9.]+(-SNAPSHOT)?</version>(?=\\s*<(relativePath|packaging|name|/parent)\\b)",
                            "<version>7.0.0</version>")
                    .replaceAll(
                            "<project.home>.*</project.home>", "<project.home>https://example.com/home</project.home>");
            put(to, text);
            for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
                put(to.resolveSibling(name + "-7.0.0" + suffix), "of " + suffix);
            }
        }
        assertEquals(List.of(), broken());
    }

    @Test
    void theProjectHasOneHome() throws IOException {
        Pattern home = Pattern.compile("<project.home>.*</project.home>");
        Matcher parents = home.matcher(Files.readString(Path.of("../../pom.xml")));
        Matcher boms = home.matcher(Files.readString(Path.of("../../api/bom/pom.xml")));
        assertTrue(parents.find() && boms.find());
        assertEquals(parents.group(), boms.group());
    }

    @Test
    void noBundleIsEmpty() throws IOException {
        assertEquals(
                List.of("the bundle is empty"),
                BundleRules.broken(Files.createDirectory(repository.resolve("none")), (signature, signed) -> true));
    }

    @ParameterizedTest
    @ValueSource(strings = {".asc", ".md5", ".sha1", ".sha256", ".sha512"})
    void whatGoesWithAFileIsThereAndRight(String extension) throws IOException {
        Path beside = child.resolveSibling("card-1.0-sources.jar" + extension);
        Files.writeString(beside, "00");
        assertBroken("card-1.0-sources.jar" + extension + ": not");
        Files.delete(beside);
        assertBroken("card-1.0-sources.jar: no " + (extension.equals(".asc") ? "signature" : extension));
        Files.writeString(child.resolveSibling("other" + extension), "00");
        assertBroken("other" + extension + ": not");
    }

    @ParameterizedTest
    @ValueSource(strings = {".pom", ".jar", "-sources.jar", "-javadoc.jar"})
    void eachArtefactIsThere(String suffix) throws IOException {
        Files.delete(child.resolveSibling("card-1.0" + suffix));
        assertBroken("card-1.0" + suffix + ": ");
    }

    @ParameterizedTest
    @CsvSource({
        "modelVersion, no modelVersion",
        "name, no name",
        "description, no description",
        "url, no url",
        "licenses, no licenses/license/name",
        "developers, no developers/developer/name",
        "scm, no scm/connection",
        "connection, no scm/connection",
        "developerConnection, no scm/developerConnection",
        "properties, 'url says nothing: ${home}'"
    })
    void eachElementOfAPomIsThere(String element, String expected) throws IOException {
        put(parent, without(element, PARENT));
        assertBroken("parent-1.0.pom: " + expected);
    }

    private static String without(String element, String pom) {
        String open = "<" + element + ">";
        String close = "</" + element + ">";
        int start = pom.indexOf(open);
        return pom.substring(0, start) + pom.substring(pom.indexOf(close, start) + close.length());
    }

    @Test
    void aChildHasANameOfItsOwn() throws IOException {
        put(child, without("name", CHILD));
        assertBroken("card-1.0.pom: no name");
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com/acme, https://nowhere.invalid/acme, url says nothing",
        "<version>1.0</version>, <version>1.1</version>, is of com/acme/parent/1.1",
        "com.acme, com.other, is of com/other/parent/1.0",
        "</project>, <dependencies><dependency><version>2-SNAPSHOT</version></dependency></dependencies></project>, depends on a SNAPSHOT",
        "</project>, <dependencies><dependency><systemPath>/x</systemPath></dependency></dependencies></project>, a dependency from a path",
        "</project>, <, no XML",
        "<project>, <!DOCTYPE project><project>, no XML"
    })
    void whatAPomSaysIsTrue(String what, String instead, String expected) throws IOException {
        put(parent, PARENT.replaceFirst(Pattern.quote(what), Matcher.quoteReplacement(instead)));
        assertBroken("parent-1.0.pom: " + expected);
    }

    @Test
    void aParentIsInTheBundle() throws IOException {
        Files.delete(parent);
        assertBroken("card-1.0.pom: its parent is not in the bundle");
    }

    @ParameterizedTest
    @CsvSource({
        "com/acme/card/1.0/maven-metadata.xml, not named as an artefact",
        "com/acme/card/1.0/card-1.1.jar, not named as an artefact",
        "com/acme/card/1.0-SNAPSHOT/card-1.0-SNAPSHOT.jar, a SNAPSHOT",
        "com/acme/a b/1.0/a b-1.0.jar, no valid coordinate",
        "card-1.0.jar, not in group/artifact/version"
    })
    void eachFileIsInItsPlace(String place, String expected) throws IOException {
        put(repository.resolve(place), "x");
        assertBroken(place + ": " + expected);
    }

    @Test
    void anEmptyFileIsNoArtefact() throws IOException {
        put(child.resolveSibling("card-1.0.jar"), "");
        assertBroken("card-1.0.jar: empty");
    }
}
