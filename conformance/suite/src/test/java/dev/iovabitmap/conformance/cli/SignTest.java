package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing, and what a signature is worth. */
class SignTest {
    @TempDir
    Path here;

    private Path certificate = Path.of("");
    private KeyPair pair = new KeyPair(null, null);

    @BeforeEach
    void certify() throws GeneralSecurityException, IOException {
        Cli.certifiedOnce(Wrong.Unavailable.class, here);
        certificate = here.resolve("right");
        pair = keys("lab");
    }

    private KeyPair keys(String name) throws GeneralSecurityException, IOException {
        KeyPair made = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        pem(name + ".key", "PRIVATE KEY", made.getPrivate().getEncoded());
        pem(name + ".pub", "PUBLIC KEY", made.getPublic().getEncoded());
        return made;
    }

    private void pem(String file, String label, byte[] content) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(
                here.resolve(file), "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    private Cli sign(String key) {
        return Cli.run(
                "sign", certificate.toString(), "--key", here.resolve(key).toString());
    }

    private Cli verify(String key) {
        return Cli.run(
                "verify", certificate.toString(), "--key", here.resolve(key).toString());
    }

    @Test
    void aSignedCertificateIsVerifiedByItsKey() throws IOException {
        assertEquals(ExitCode.NOT_CERTIFIED, verify("lab.pub").exitCode(), "not signed yet");
        Cli signed = sign("lab.key");
        String id = BoundedFile.sha256(pair.getPublic().getEncoded());
        Cli verified = verify("lab.pub");
        Cli without = Cli.run("verify", certificate.toString());
        assertAll(
                () -> assertEquals(ExitCode.CERTIFIED, signed.exitCode(), signed.out() + signed.err()),
                () -> assertEquals(ExitCode.CERTIFIED, verified.exitCode(), verified.out()),
                () -> assertTrue(verified.out().endsWith("SIGNED by the key " + id + "\n"), verified.out()),
                () -> assertEquals(ExitCode.CERTIFIED, without.exitCode(), without.out()),
                () -> assertTrue(without.out().contains("SIGNATURE NOT CHECKED (integrity only)"), without.out()));
    }

    /** Held against the specification of DSSE, with nothing of the suite's. */
    @Test
    void theEnvelopeIsDsse() throws IOException, GeneralSecurityException {
        sign("lab.key");
        JsonNode envelope =
                JsonMapper.builder().build().readTree(Files.readString(certificate.resolve("statement.dsse.json")));
        byte[] payload = Base64.getDecoder().decode(envelope.get("payload").asText());
        assertArrayEquals(Files.readAllBytes(certificate.resolve("statement.json")), payload);
        assertEquals("application/vnd.in-toto+json", envelope.get("payloadType").asText());
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(pair.getPublic());
        signature.update(
                ("DSSEv1 28 application/vnd.in-toto+json " + payload.length + " ").getBytes(StandardCharsets.US_ASCII));
        signature.update(payload);
        assertTrue(signature.verify(
                Base64.getDecoder().decode(envelope.at("/signatures/0/sig").asText())));
        assertEquals(
                BoundedFile.sha256(pair.getPublic().getEncoded()),
                envelope.at("/signatures/0/keyid").asText());
    }

    @Test
    void anotherKeyIsNotEnough() throws Exception {
        keys("other");
        sign("lab.key");
        Cli run = verify("other.pub");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        assertTrue(run.out().contains("no signature is by the key"), run.out());
        assertEquals(ExitCode.CERTIFIED, sign("other.key").exitCode(), "a second signature");
        assertEquals(ExitCode.CERTIFIED, verify("other.pub").exitCode());
        assertEquals(ExitCode.CERTIFIED, verify("lab.pub").exitCode());
        byte[] twice = Files.readAllBytes(certificate.resolve("statement.dsse.json"));
        sign("other.key");
        assertArrayEquals(
                twice, Files.readAllBytes(certificate.resolve("statement.dsse.json")), "Ed25519 has no chance");
    }

    @Test
    void whatIsNotVerifiedIsNotSigned() throws IOException {
        Files.writeString(certificate.resolve("report.html"), "x");
        Cli run = sign("lab.key");
        assertEquals(ExitCode.NOT_CERTIFIED, run.exitCode(), run.out());
        assertTrue(run.out().startsWith("NOT SIGNED: "), run.out());
        assertTrue(Files.notExists(certificate.resolve("statement.dsse.json")));
    }

    @Test
    void wrongKeysAreUsage() throws Exception {
        KeyPair ec = KeyPairGenerator.getInstance("EC").generateKeyPair();
        pem("ec.key", "PRIVATE KEY", ec.getPrivate().getEncoded());
        pem("ec.pub", "PUBLIC KEY", ec.getPublic().getEncoded());
        pem("secret.key", "ENCRYPTED PRIVATE KEY", new byte[20]);
        Files.write(here.resolve("noise.key"), new byte[1 << 20]);
        for (String key : new String[] {"ec.key", "secret.key", "noise.key", "lab.pub", "gone"}) {
            Cli run = sign(key);
            assertEquals(ExitCode.USAGE, run.exitCode(), key + run);
            assertEquals(2, run.err().lines().count(), run.err());
        }
        for (String key : new String[] {"ec.pub", "noise.key", "lab.key", "gone"}) {
            assertEquals(ExitCode.USAGE, verify(key).exitCode(), key);
        }
    }
}
