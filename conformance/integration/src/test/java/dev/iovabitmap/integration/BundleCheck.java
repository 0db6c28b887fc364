package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundle that profile {@code release} has just made; the profile runs this, nothing else does. */
class BundleCheck {
    private static final String VERSION = System.getProperty("release.version");
    private static final Path BUNDLE = Path.of("../../target/release/iova-bitmap-" + VERSION + "-bundle.zip");
    private static final List<String> JARS = List.of("api", "heap", "ffm", "vfio", "conformance");

    @TempDir
    Path unpacked;

    @BeforeEach
    void unpack() throws IOException {
        try (ZipFile zip = new ZipFile(BUNDLE.toFile())) {
            for (ZipEntry entry :
                    zip.stream().filter(each -> !each.isDirectory()).toList()) {
                Path file = unpacked.resolve(entry.getName()).normalize();
                if (!file.startsWith(unpacked)) {
                    throw new IOException("leads out of the bundle: " + entry.getName());
                }
                Files.createDirectories(file.getParent());
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    private Path file(String artifact, String suffix) {
        String name = "iova-bitmap-" + artifact;
        return unpacked.resolve("dev/iovabitmap/" + name + "/" + VERSION + "/" + name + "-" + VERSION + suffix);
    }

    @Test
    void obeysTheRepositorysRules() throws IOException {
        assertEquals(List.of(), BundleRules.broken(unpacked, BundleRules::gpgVerifies));
    }

    @Test
    void holdsEachArtefactAndNoOther() throws IOException {
        TreeSet<Path> expected = new TreeSet<>();
        for (String artifact : JARS) {
            for (String suffix : List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json")) {
                expected.add(file(artifact, suffix));
            }
        }
        expected.add(file("conformance", "-cli.jar"));
        expected.add(file("parent", ".pom"));
        expected.add(file("bom", ".pom"));
        try (Stream<Path> files = Files.walk(unpacked)) {
            assertEquals(
                    expected.toString(),
                    new TreeSet<>(files.filter(path -> path.toString().matches(".*[.](pom|jar|json)"))
                                    .toList())
                            .toString());
        }
    }

    @Test
    void jarsAndBillsAreOfThisVersion() throws IOException {
        for (String artifact : JARS) {
            for (Path jar : List.of(file(artifact, ".jar"), file("conformance", "-cli.jar"))) {
                try (JarFile opened = new JarFile(jar.toFile())) {
                    assertEquals(
                            VERSION,
                            opened.getManifest().getMainAttributes().getValue("Implementation-Version"),
                            jar.toString());
                }
            }
            JsonNode bill = new ObjectMapper()
                    .readTree(file(artifact, "-cyclonedx.json").toFile());
            assertEquals("CycloneDX", bill.at("/bomFormat").asText());
            assertEquals(
                    "iova-bitmap-" + artifact + " " + VERSION,
                    bill.at("/metadata/component/name").asText() + " "
                            + bill.at("/metadata/component/version").asText());
            for (JsonNode component : bill.at("/components")) {
                assertEquals("required", component.at("/scope").asText("required"), component::toString);
            }
        }
    }
}
