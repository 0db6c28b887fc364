package dev.iovabitmap.conformance.certificate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.iovabitmap.conformance.files.Json;
import dev.iovabitmap.conformance.report.ReportDirectory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A signed statement: a DSSE envelope, version 1.0.
 *
 * @param payload the statement, in base64
 * @param payloadType what it is
 * @param signatures at least one
 */
public record Envelope(String payload, String payloadType, List<Signature> signatures) {
    private static final String TYPE = "application/vnd.in-toto+json";
    private static final int MOST_SIGNATURES = 64;

    /**
     * A signature.
     *
     * @param keyid a hint, which no decision rests on
     * @param sig the signature, in base64
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Signature(
            @JsonSetter(nulls = Nulls.SET) @Nullable String keyid, String sig) {}

    static Envelope read(byte[] content) throws NotVerifiedException {
        Envelope found;
        try {
            found = Json.readLeniently(content, Envelope.class);
        } catch (IllegalArgumentException wrong) {
            throw new NotVerifiedException(ReportDirectory.ENVELOPE + ": " + wrong.getMessage(), wrong);
        }
        if (found.signatures().isEmpty() || found.signatures().size() > MOST_SIGNATURES) {
            throw new NotVerifiedException(ReportDirectory.ENVELOPE + " has "
                    + found.signatures().size() + " signatures, not 1 to " + MOST_SIGNATURES);
        }
        return found;
    }

    /** {@return an envelope around a statement, without signatures} */
    static Envelope around(byte[] statement) {
        return new Envelope(Base64.getEncoder().encodeToString(statement), TYPE, List.of());
    }

    /** {@return the same with a signature more, in place of an earlier one of this key} */
    Envelope signedWith(PrivateKey key) throws GeneralSecurityException {
        String id = Keys.id(Keys.publicOf(key));
        byte[] sig = Keys.sign(key, encoded(decode(payload)));
        List<Signature> all = new ArrayList<>(signatures);
        all.removeIf(one -> id.equals(one.keyid()));
        all.add(new Signature(id, Base64.getEncoder().encodeToString(sig)));
        return new Envelope(payload, payloadType, List.copyOf(all));
    }

    /** DSSE signs an unambiguous encoding of type and payload, never the JSON around them. */
    private byte[] encoded(byte[] body) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.US_ASCII));
        text.writeBytes(type);
        text.writeBytes((" " + body.length + " ").getBytes(StandardCharsets.US_ASCII));
        text.writeBytes(body);
        return text.toByteArray();
    }

    void checkPayload(byte[] statement) throws NotVerifiedException {
        if (!payloadType.equals(TYPE)) {
            throw new NotVerifiedException(ReportDirectory.ENVELOPE + " is of another type than " + TYPE);
        }
        byte[] body = new byte[0];
        try {
            body = decode(payload);
        } catch (IllegalArgumentException wrong) {
            throw new NotVerifiedException(ReportDirectory.ENVELOPE + " has a payload that is no base64", wrong);
        }
        if (!Arrays.equals(body, statement)) {
            throw new NotVerifiedException(ReportDirectory.ENVELOPE + " is about another statement");
        }
    }

    /** The keyid is not asked, since anybody could have written it. */
    boolean isSignedBy(PublicKey key) {
        byte[] message = encoded(decode(payload));
        return signatures.stream().anyMatch(signature -> {
            try {
                return Keys.verify(key, message, decode(signature.sig()));
            } catch (IllegalArgumentException noBase64) {
                return false;
            }
        });
    }

    /** {@return the hints on whose keys these are} */
    public List<String> keys() {
        return signatures.stream()
                .map(one -> Objects.requireNonNullElse(one.keyid(), "(no keyid)"))
                .toList();
    }

    byte[] content() {
        return Json.write(this);
    }

    /** Both alphabets are allowed. */
    private static byte[] decode(String base64) {
        return Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/'));
    }
}
