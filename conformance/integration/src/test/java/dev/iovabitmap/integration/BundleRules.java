package dev.iovabitmap.integration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * What Maven Central asks of a bundle (central.sonatype.org, "Requirements"), as far as files alone can tell. Not seen here: that the
 * namespace is the publisher's, that the key is on a key server, and that the version is new.
 */
final class BundleRules {
    private static final Map<String, String> CHECKSUMS =
            Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256", ".sha512", "SHA-512");
    private static final long LARGEST = 1L << 30;
    private static final Pattern COORDINATE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]*)}");
    private static final List<String> REQUIRED = List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/url",
            "scm/connection",
            "scm/developerConnection");

    private final Path repository;
    private final BiPredicate<Path, Path> signs;
    private final List<String> broken = new ArrayList<>();

    private BundleRules(Path repository, BiPredicate<Path, Path> signs) {
        this.repository = repository;
        this.signs = signs;
    }

    /**
     * What is wrong with an unpacked bundle; empty if nothing is.
     *
     * @param signs whether the first file is a good signature of the second
     */
    static List<String> broken(Path repository, BiPredicate<Path, Path> signs) throws IOException {
        BundleRules rules = new BundleRules(repository, signs);
        List<Path> files;
        try (Stream<Path> all = Files.walk(repository)) {
            files = all.filter(path -> !Files.isDirectory(path)).sorted().toList();
        }
        if (files.isEmpty()) {
            rules.broken.add("the bundle is empty");
        }
        for (Path file : files) {
            rules.checkFile(file);
        }
        for (Path component : files.stream().map(Path::getParent).distinct().toList()) {
            rules.checkComponent(component);
        }
        return rules.broken;
    }

    private void require(boolean holds, Path file, String otherwise) {
        if (!holds) {
            broken.add(repository.relativize(file) + ": " + otherwise);
        }
    }

    private void checkFile(Path file) throws IOException {
        String name = file.getFileName().toString();
        String extension = name.substring(Math.max(name.lastIndexOf('.'), 0));
        Path signed = file.resolveSibling(name.substring(0, name.length() - extension.length()));
        if (CHECKSUMS.containsKey(extension)) {
            require(
                    Files.exists(signed)
                            && Files.readString(file).strip().equals(sum(signed, CHECKSUMS.get(extension))),
                    file,
                    "not the checksum of a file beside it");
        } else if (extension.equals(".asc")) {
            require(Files.exists(signed) && signs.test(file, signed), file, "not a good signature of a file beside it");
        } else {
            checkArtefact(file, name);
        }
    }

    private void checkArtefact(Path file, String name) throws IOException {
        Path place = repository.relativize(file);
        require(place.getNameCount() >= 4, file, "not in group/artifact/version");
        if (place.getNameCount() < 4) {
            return;
        }
        String version = file.getParent().getFileName().toString();
        String artifact = file.getParent().getParent().getFileName().toString();
        require(
                name.matches(Pattern.quote(artifact + "-" + version) + "(-[a-z]+)?[.][a-z]+"),
                file,
                "not named as an artefact of " + artifact + " " + version);
        for (Path part : place.getParent()) {
            require(COORDINATE.matcher(part.toString()).matches(), file, "no valid coordinate: " + part);
        }
        require(!version.contains("SNAPSHOT"), file, "a SNAPSHOT is no release");
        require(Files.size(file) > 0 && Files.size(file) < LARGEST, file, "empty, or larger than what is taken");
        require(Files.exists(file.resolveSibling(name + ".asc")), file, "no signature");
        for (String checksum : CHECKSUMS.keySet()) {
            require(Files.exists(file.resolveSibling(name + checksum)), file, "no " + checksum);
        }
    }

    private void checkComponent(Path directory) throws IOException {
        if (repository.relativize(directory).getNameCount() < 3) {
            return; // its files were complained of
        }
        String stem = directory.getParent().getFileName() + "-" + directory.getFileName();
        Path file = directory.resolve(stem + ".pom");
        require(Files.exists(file), file, "no pom");
        if (!Files.exists(file)) {
            return;
        }
        Pom pom;
        try {
            pom = new Pom(file);
        } catch (SAXException e) {
            require(false, file, "no XML: " + e.getMessage());
            return;
        }
        String place =
                pom.value("groupId").replace('.', '/') + "/" + pom.value("artifactId") + "/" + pom.value("version");
        require(repository.resolve(place).equals(directory), file, "is of " + place);
        require(pom.value("modelVersion").equals("4.0.0"), file, "no modelVersion 4.0.0");
        for (String path : REQUIRED) {
            String value = pom.value(path);
            require(!value.isEmpty(), file, "no " + path);
            require(!value.contains("${") && !value.contains(".invalid/"), file, path + " says nothing: " + value);
        }
        require(pom.all("systemPath").isEmpty(), file, "a dependency from a path");
        for (String version : pom.all("version")) {
            require(!version.contains("SNAPSHOT"), file, "depends on a SNAPSHOT");
        }
        if (!pom.value("packaging").equals("pom")) {
            for (String suffix : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
                Path jar = directory.resolve(stem + suffix);
                require(Files.exists(jar), jar, "missing");
            }
        }
    }

    private static String sum(Path file, String algorithm) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has these
        }
    }

    /** A pom with what it inherits from parents in the bundle, and with their properties put in. */
    private final class Pom {
        private final Element project;
        private final Pom parent; // null if it has none, or if that is missing

        Pom(Path file) throws IOException, SAXException {
            try (InputStream in = Files.newInputStream(file)) {
                DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
                factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
                DocumentBuilder builder = factory.newDocumentBuilder();
                builder.setErrorHandler(null); // it prints; what is thrown says the same
                project = builder.parse(in).getDocumentElement();
            } catch (ParserConfigurationException e) {
                throw new IllegalStateException(e);
            }
            String artifact = find("parent/artifactId");
            String version = find("parent/version");
            Path above = repository
                    .resolve(find("parent/groupId").replace('.', '/'))
                    .resolve(artifact)
                    .resolve(version)
                    .resolve(artifact + "-" + version + ".pom");
            boolean inherits = !artifact.isEmpty();
            require(!inherits || Files.exists(above), file, "its parent is not in the bundle");
            parent = inherits && Files.exists(above) ? new Pom(above) : null;
        }

        private String find(String path) {
            Element at = project;
            for (String name : path.split("/")) {
                Element next = null;
                for (Node child = at.getFirstChild(); child != null; child = child.getNextSibling()) {
                    if (child instanceof Element element && element.getTagName().equals(name)) {
                        next = element;
                        break;
                    }
                }
                if (next == null) {
                    return "";
                }
                at = next;
            }
            return at.getTextContent().strip();
        }

        private String raw(String path) {
            String own = find(path);
            boolean inherited = !List.of("artifactId", "name", "packaging").contains(path);
            return own.isEmpty() && parent != null && inherited ? parent.raw(path) : own;
        }

        String value(String path) {
            String raw = raw(path);
            Map<String, String> known = new HashMap<>();
            for (Matcher property = PROPERTY.matcher(raw); property.find(); ) {
                known.put(property.group(), raw("properties/" + property.group(1)));
            }
            for (Map.Entry<String, String> property : known.entrySet()) {
                if (!property.getValue().isEmpty()) {
                    raw = raw.replace(property.getKey(), property.getValue());
                }
            }
            return raw;
        }

        List<String> all(String name) {
            var nodes = project.getElementsByTagName(name);
            List<String> values = new ArrayList<>();
            for (int i = 0; i < nodes.getLength(); i++) {
                values.add(nodes.item(i).getTextContent().strip());
            }
            return values;
        }
    }

    /** What gpg says of a signature. */
    static boolean gpgVerifies(Path signature, Path signed) {
        try {
            Process gpg = new ProcessBuilder("gpg", "--batch", "--verify", signature.toString(), signed.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(gpg.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return gpg.waitFor() == 0 && said.contains("Good signature");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
