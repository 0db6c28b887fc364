package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.NotVerifiedException;
import dev.iovabitmap.conformance.certificate.Signer;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.report.GuestKernel;
import dev.iovabitmap.conformance.report.Sums;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a third party does with a certificate, and what somebody may have done to it before. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Path made = Path.of("");

    @TempDir
    Path here;

    private Path certificate = Path.of("");

    @BeforeAll
    void certifyOnce(@TempDir Path out) throws IOException {
        made = out;
        Cli run = Cli.certifiedOnce(Right.class, out);
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
    }

    @BeforeEach
    void copyIt() throws IOException {
        certificate = Files.createDirectories(here.resolve("right"));
        for (String name : names(made.resolve("right"))) {
            Files.copy(made.resolve("right").resolve(name), certificate.resolve(name));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    /** What was changed in a kernel is told wherever results of it are. */
    @Test
    void tellsOnWhichKernelItRan() throws IOException {
        Path versions = Files.writeString(
                here.resolve("versions.json"),
                "{\"kernel\": \"uml-6.12\", \"release\": \"6.12.1\", \"packages\": [{\"name\": \"linux\", \"version\": \"6.12.1-1\","
                        + " \"sha256\": \"00\"}], \"changed\": [\"-old\", \"+new\"], \"module\": \"00\"}");
        System.setProperty(GuestKernel.PROPERTY, versions.toString());
        try {
            Cli run = Cli.certify(Wrong.Unavailable.class, here.resolve("guest"));
            assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err());
        } finally {
            System.clearProperty(GuestKernel.PROPERTY);
        }
        certificate = here.resolve("guest/right");
        Cli run = verify();
        assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err());
        assertTrue(
                run.out()
                        .contains(
                                "kernel    Linux 6.12.1 of the guest uml-6.12 (linux 6.12.1-1), with this change: -old / +new"),
                run.out());
    }

    private Cli verify(String... more) {
        return Cli.run(Stream.concat(Stream.of("verify", certificate.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private void isNotVerified(String because) {
        Cli run = verify();
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().startsWith("NOT VERIFIED: "), run.out()),
                () -> assertTrue(run.out().contains(because), run.out()),
                () -> assertEquals(1, run.out().lines().count(), run.out()),
                () -> assertEquals("", run.err()));
    }

    /** As somebody would who has changed a file and knows what SHA256SUMS is for. */
    private void sumUp() throws IOException {
        TreeMap<String, String> sums = new TreeMap<>();
        for (String name : names(certificate)) {
            if (!name.equals(Sums.NAME)) {
                sums.put(name, BoundedFile.sha256(Files.readAllBytes(certificate.resolve(name))));
            }
        }
        Files.write(certificate.resolve(Sums.NAME), Sums.of(sums));
    }

    @Test
    void whatTheSuiteWroteIsVerified() {
        Cli run = verify();
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertTrue(run.out().startsWith("VERIFIED: right 1.2.3 is CERTIFIED\n"), run.out()),
                () -> assertTrue(run.out().contains("memory: no device was involved"), run.out()),
                () -> assertTrue(run.out().endsWith("UNSIGNED (integrity only)\n"), run.out()));
        assertEquals(ExitCode.CERTIFIED, verify("--certified").exitCode());
    }

    @Test
    void aFailedReportIsVerifiedButNoCertificate(@TempDir Path out) throws IOException {
        Cli.certifiedOnce(Wrong.Unavailable.class, out);
        String directory = out.resolve("right").toString();
        Cli run = Cli.run("verify", directory);
        Cli strict = Cli.run("verify", directory, "--certified");
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, run.exitCode(), run.out()),
                () -> assertTrue(run.out().startsWith("VERIFIED: right 1.2.3 is NOT CERTIFIED"), run.out()),
                () -> assertEquals(ExitCode.NOT_CERTIFIED, strict.exitCode(), strict.out()),
                () -> assertTrue(
                        strict.out().contains("it is intact, and its verdict is NOT CERTIFIED"), strict.out()));
    }

    /** Bytes all over all files, the signature among them; each time one bit, so that all eight have their turn. */
    @Test
    void aByteOfASignedCertificateThatChangesIsNoticed() throws Exception {
        changeEach(31);
    }

    /** The same for all bytes. */
    @Test
    @Tag("repetition")
    void anyByteOfASignedCertificateThatChangesIsNoticed() throws Exception {
        changeEach(1);
    }

    private void changeEach(int step) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Signer.sign(certificate, pair.getPrivate(), new TrustOptions().trust());
        assertTrue(names(certificate).contains("statement.dsse.json"));
        long bytes = 0;
        long noticed = 0;
        Trust trust = new TrustOptions().trust();
        for (String name : names(certificate)) {
            bytes += Files.size(certificate.resolve(name));
            noticed += changeEach(certificate.resolve(name), step, trust);
        }
        System.out.println("single-byte changes of a signed CERTIFIED report noticed: " + noticed + " of " + bytes);
        assertTrue(noticed > 70_000 / step, "the certificate has shrunk to " + bytes);
        assertEquals(ExitCode.CERTIFIED, verify().exitCode(), "put back as it was");
    }

    private long changeEach(Path path, int step, Trust trust) throws IOException {
        byte[] content = Files.readAllBytes(path);
        long noticed = 0;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (int at = 0; at < content.length; at += step) {
                file.write(ByteBuffer.wrap(new byte[] {(byte) (content[at] ^ 1 << at % 8)}), at);
                if (isVerified(trust)) {
                    throw new AssertionError("byte " + at + " of " + path.getFileName());
                }
                noticed++;
                file.write(ByteBuffer.wrap(content, at, 1), at);
            }
        }
        return noticed;
    }

    private boolean isVerified(Trust trust) {
        try {
            Certificate.verify(certificate, trust);
            return true;
        } catch (NotVerifiedException noticed) {
            return false;
        }
    }

    /** Whoever changes a file can change its sum: then the other files speak against it. */
    @Test
    void aChangeWithTheRightSumIsNoticed() throws IOException {
        for (String name : names(certificate)) {
            if (name.equals(Sums.NAME)) {
                continue;
            }
            byte[] content = Files.readAllBytes(certificate.resolve(name));
            for (int at = 0; at < content.length; at += Math.max(1, content.length / 40)) {
                byte[] changed = content.clone();
                changed[at] ^= 1;
                Files.write(certificate.resolve(name), changed);
                sumUp();
                Cli run = verify();
                int position = at;
                assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), () -> "byte " + position + " of " + name);
                assertEquals("", run.err());
            }
            Files.write(certificate.resolve(name), content);
            sumUp();
        }
        assertEquals(ExitCode.CERTIFIED, verify().exitCode());
    }

    static Stream<UnaryOperator<String>> lies() {
        return Stream.of(
                text -> text.replace("\"verdict\" : \"CERTIFIED\"", "\"verdict\" : \"NOT_CERTIFIED\""),
                text -> text.replaceFirst("\"status\" : \"PASS\"", "\"status\" : \"NOT_SUPPORTED\""),
                text -> text.replaceFirst("\"level\" : \"MUST\"", "\"level\" : \"SHOULD\""),
                text -> text.replaceFirst("is refused", "is taken"),
                text -> text.replace("\"tier\" : \"memory\"", "\"tier\" : \"moon\""),
                text -> text.replace("\"CLOSEABLE_DATA\",", ""),
                text -> text.replace("\"spec\" : \"1.0\"", "\"spec\" : \"1.1\""),
                text -> text.replace("\"location\" : \"directory\"", "\"location\" : \"jar\""),
                text -> text.replaceFirst("AllocTest[.]", "AllotTest."),
                text -> text.replaceFirst(
                        "(?s)    [{]\\n      \"id\" : \"[A-Za-z.]+\",\\n      \"rules\".*?    },\\n", ""),
                text -> text.replace("\"seed\" : 7", "\"seed\" : 18446744073709551616"),
                text -> text.replace("\"seed\" : 7", "\"seed\" : -1"),
                text -> text.replace("\"seed\" : 7", "\"seed\" : 7.0"),
                text -> text.replace("\"seed\" : 7", "\"seed\" : \"7\""),
                text -> text.replace("\"seed\" : 7", "\"seed\" : 7, \"seed\" : 7"),
                text -> text.replace("\"seed\" : 7", "\"seed\" : null"),
                text -> text.replace("\"seed\" : 7,", ""),
                text -> text.replace("\"seed\" : 7", "\"seed\" : 7, \"note\" : 1"),
                text -> text.replace("\"seed\" : 7", "\"seed\" :  7"),
                text -> text.replaceFirst("\"version\" : \"[^\"]*\"", "\"version\" : \"0.9\""),
                text -> text.replace("\"problems\" : [ ]", "\"problems\" : null"),
                text -> text.replace("\"problems\" : [ ]", "\"problems\" : [ \"x\" ]"),
                text -> text.replace("\"problems\" : [ ]", "\"problems\" : [ null ]"),
                text -> text.replace("\"attachments\" : [ ]", "\"attachments\" : [ \"output.txt\" ]"),
                text -> text.replaceFirst("\"vm\" : \"", "\"vm\" : \"\\\\u001b[31m"),
                text -> text.replaceFirst("\"vm\" : \"", "\"vm\" : \"\u202e"),
                text -> text.replaceFirst("\"vm\" : \"", "\"vm\" : \"\\\\ud800"),
                text -> text.replaceFirst("\"date\" : \"20", "\"date\" : \"30"),
                text -> text + "{}",
                text -> "[".repeat(100_000),
                text -> "{\"a\":".repeat(100_000),
                text -> "{\"suite\":{\"version\":\"" + "x".repeat(21_000_000) + "\"}}",
                text -> text.replaceFirst(
                        "\"version\" : \"[^\"]*\"", "\"version\" : \"" + "x".repeat(1_000_000) + "\""),
                text -> text.replaceFirst("\"id\" : \"ALLOC-1", "\"id\" : \"" + "x".repeat(1_000_000)),
                text -> "",
                text -> "null",
                text -> "7");
    }

    /** Whatever somebody writes into report.json, with all sums right, it is refused for itself and not only by its digest. */
    @ParameterizedTest
    @MethodSource("lies")
    void aReportThatContradictsItselfIsRefused(UnaryOperator<String> lie) throws IOException {
        Path file = certificate.resolve("report.json");
        String text = Files.readString(file);
        String changed = lie.apply(text);
        assertFalse(changed.equals(text), "no change");
        Files.writeString(file, changed);
        sumUp();
        Cli run = verify();
        assertAll(
                () -> assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out() + run.err()),
                () -> assertFalse(run.out().contains("not what follows from report.json"), run.out()),
                () -> assertEquals(1, run.out().lines().count(), run.out()),
                () -> assertTrue(run.out().length() < 600, run.out()),
                () -> assertEquals("", run.err()));
    }

    @Test
    void whatIsNotUtf8IsRefused() throws IOException {
        Files.write(certificate.resolve("report.json"), new byte[] {'{', '"', (byte) 0xC3, '"', '}'});
        sumUp();
        isNotVerified("it is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"report.json", "report.html", "junit.xml", "statement.json", "badge.svg", "SHA256SUMS"})
    void filesAreWholeAndThere(String name) throws IOException {
        Path file = certificate.resolve(name);
        byte[] content = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(content, content.length - 1));
        isNotVerified(name);
        Files.write(file, java.util.Arrays.copyOf(content, content.length + 1));
        isNotVerified(name);
        Files.write(file, new byte[0]);
        isNotVerified(name);
        Files.delete(file);
        isNotVerified(name + " is missing");
        Path elsewhere = here.resolve("elsewhere");
        Files.write(elsewhere, content);
        Files.createSymbolicLink(file, elsewhere);
        isNotVerified(name + " is no regular file");
        Files.delete(file);
        Files.createDirectory(file);
        isNotVerified(name + " is no regular file");
        Files.delete(file);
        Files.write(file, content);
        assertEquals(ExitCode.CERTIFIED, verify().exitCode());
    }

    @Test
    void noFileMoreThanTheReportHas() throws IOException {
        Files.writeString(certificate.resolve("notes.txt"), "x");
        isNotVerified("'notes.txt' is none of a report's files");
        Files.delete(certificate.resolve("notes.txt"));
        Files.writeString(certificate.resolve("output.txt"), "x");
        isNotVerified("SHA256SUMS");
        sumUp();
        isNotVerified("output.txt is there, but report.json does not name it");
    }

    @Test
    void hugeFilesAreNotRead() throws IOException {
        for (String name : List.of("report.json", "output.txt", Sums.NAME)) {
            Path file = certificate.resolve(name);
            byte[] before = Files.exists(file) ? Files.readAllBytes(file) : null;
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(1L << 40);
            }
            isNotVerified("bytes");
            Files.delete(file);
            if (before != null) {
                Files.write(file, before);
            }
        }
    }

    @Test
    void anotherSuiteIsTrustedOnlyByItsDigest() throws IOException {
        Path file = certificate.resolve("report.json");
        String digest = "5".repeat(64);
        Files.writeString(
                file, Files.readString(file).replaceFirst("\"sha256\" : null", "\"sha256\" : \"" + digest + "\""));
        sumUp();
        isNotVerified("--suite");
        Cli trusted = verify("--suite", digest);
        assertTrue(trusted.out().contains("is not what follows from report.json"), trusted.out());
    }

    @Test
    void theStatementSpeaksOfTheReport() throws IOException {
        JsonNode statement = JSON.readTree(Files.readString(certificate.resolve("statement.json")));
        JsonNode report = JSON.readTree(Files.readString(certificate.resolve("report.json")));
        JsonNode predicate = statement.get("predicate");
        assertAll(
                () -> assertEquals(
                        "https://in-toto.io/Statement/v1",
                        statement.get("_type").asText()),
                () -> assertEquals(
                        "https://in-toto.io/attestation/test-result/v0.1",
                        statement.get("predicateType").asText()),
                () -> assertEquals(1, statement.get("subject").size(), "no jar, so no subject but the report"),
                () -> assertEquals(
                        "report.json", statement.at("/subject/0/name").asText()),
                () -> assertEquals(
                        BoundedFile.sha256(Files.readAllBytes(certificate.resolve("report.json"))),
                        statement.at("/subject/0/digest/sha256").asText()),
                () -> assertEquals("PASSED", predicate.get("result").asText()),
                () -> assertTrue(predicate.at("/configuration/0/uri").asText().startsWith("pkg:maven/")),
                () -> assertEquals(
                        "memory",
                        predicate.at("/configuration/0/annotations/tier").asText()),
                () -> assertEquals(0, predicate.get("failedTests").size()),
                () -> assertEquals(0, predicate.get("warnedTests").size()),
                () -> assertEquals(
                        count(report, "PASS"), predicate.get("passedTests").size()));
    }

    private static int count(JsonNode report, String status) {
        int count = 0;
        for (JsonNode rule : report.get("rules")) {
            count += rule.get("status").asText().equals(status) ? 1 : 0;
        }
        return count;
    }

    @Test
    void theSumsAreThoseOfSha256sum() throws IOException {
        for (String line : Files.readAllLines(certificate.resolve(Sums.NAME), StandardCharsets.US_ASCII)) {
            assertTrue(line.matches("[0-9a-f]{64}  [a-z.]+"), line);
        }
        assertEquals(
                names(certificate).size() - 1,
                Files.readAllLines(certificate.resolve(Sums.NAME)).size());
    }

    /** Its files need not be names of files: nothing of SHA256SUMS is ever opened because it is written there. */
    @Test
    void sumsOfFilesElsewhereAreRefused() throws IOException {
        Path secret = Files.writeString(here.resolve("secret"), "s");
        String sum = BoundedFile.sha256(Files.readAllBytes(secret));
        Path sums = certificate.resolve(Sums.NAME);
        String before = Files.readString(sums);
        for (String name : List.of("../secret", secret.toString(), "./report.json", "report.json\u0000")) {
            Files.writeString(sums, before + sum + "  " + name + "\n");
            isNotVerified("SHA256SUMS is not byte for byte what the files give");
        }
    }

    @Test
    void wrongArgumentsAreUsage() {
        for (List<String> args : List.of(
                List.of("verify"),
                List.of("verify", here.resolve("gone").toString()),
                List.of("verify", certificate.resolve("report.json").toString()),
                List.of(
                        "verify",
                        certificate.toString(),
                        "--key",
                        here.resolve("gone").toString()),
                List.of(
                        "verify",
                        certificate.toString(),
                        "--key",
                        certificate.resolve("report.json").toString()),
                List.of("verify", certificate.toString(), "--suite", "abc"),
                List.of(
                        "verify",
                        certificate.toString(),
                        "--subject",
                        here.resolve("gone").toString()))) {
            Cli run = Cli.run(args.toArray(String[]::new));
            assertEquals(ExitCode.USAGE, run.exitCode(), args + " " + run);
            assertEquals(2, run.err().lines().count(), run.err());
        }
    }
}
