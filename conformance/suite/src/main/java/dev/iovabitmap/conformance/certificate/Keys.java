package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.files.BoundedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ed25519 keys in PEM files as openssl writes them; all arithmetic is the JDK's. */
public final class Keys {
    private static final String ALGORITHM = "Ed25519";
    private static final int LARGEST = 1 << 14;
    private static final Pattern PEM =
            Pattern.compile("\\s*-----BEGIN ([A-Z0-9 ]{1,40})-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----\\s*");

    private Keys() {}

    /**
     * Reads a public key, as {@code openssl pkey -pubout} writes it.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException with one sentence on what is wrong with it
     */
    public static PublicKey readPublic(Path file) throws IOException {
        byte[] key = pem(file, "PUBLIC KEY");
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(key));
        } catch (GeneralSecurityException wrong) {
            throw new IllegalArgumentException("it has no Ed25519 key", wrong);
        }
    }

    /**
     * Reads a private key, as {@code openssl genpkey -algorithm ed25519} writes it.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException with one sentence on what is wrong with it
     */
    public static PrivateKey readPrivate(Path file) throws IOException {
        byte[] key = pem(file, "PRIVATE KEY");
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(key));
        } catch (GeneralSecurityException wrong) {
            throw new IllegalArgumentException("it has no Ed25519 key", wrong);
        }
    }

    private static byte[] pem(Path file, String wanted) throws IOException {
        String text = new String(BoundedFile.read(file, LARGEST), StandardCharsets.ISO_8859_1);
        Matcher pem = PEM.matcher(text);
        if (!pem.matches()) {
            throw new IllegalArgumentException("it is no PEM file with one " + wanted);
        }
        String label = String.valueOf(pem.group(1));
        if (!label.equals(wanted)) {
            throw new IllegalArgumentException("it has the label " + label + ", not " + wanted);
        }
        try {
            return Base64.getMimeDecoder().decode(String.valueOf(pem.group(2)).strip());
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("it is no PEM file with one " + wanted, wrong);
        }
    }

    /** {@return the SHA-256 of the key's SubjectPublicKeyInfo, in hex} */
    public static String id(PublicKey key) {
        return BoundedFile.sha256(key.getEncoded());
    }

    /**
     * Returns the public key of a private one. The JDK has no call for that, but its generator makes a pair from the 32 bytes
     * that it asks a SecureRandom for, and these are what a private key is.
     */
    static PublicKey publicOf(PrivateKey key) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) key)
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the key does not say its bytes"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new Fixed(seed));
        PublicKey made = generator.generateKeyPair().getPublic();
        byte[] probe = {1, 2, 3};
        if (!verify(made, probe, sign(key, probe))) {
            throw new GeneralSecurityException("no public key fits the private one");
        }
        return made;
    }

    static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    static boolean verify(PublicKey key, byte[] message, byte[] sig) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(message);
            return signature.verify(sig);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    /** Gives the same bytes each time it is asked. */
    private static final class Fixed extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte[] content;

        Fixed(byte[] content) {
            this.content = content;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != content.length) {
                throw new IllegalStateException("asked for " + bytes.length + " bytes");
            }
            System.arraycopy(content, 0, bytes, 0, bytes.length);
        }
    }
}
