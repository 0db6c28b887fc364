package dev.iovabitmap.conformance.rules.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Geometry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The public cases: what each bug of the kernel's implementation needs to show, and what is right there.
 */
final class PublicCases {
    private static final JsonNode CASES = load();

    private PublicCases() {}

    /** One case; its name is its id. */
    record Case(JsonNode json) {
        Geometry geometry() {
            return new Geometry(
                    u64(json.path("iova")),
                    u64(json.path("length")),
                    u64(json.path("page_size")),
                    json.path("data_page_offset").asInt());
        }

        List<IovaRange> sets() {
            return ranges(json.path("sets"));
        }

        JsonNode expected() {
            return json.path("expect");
        }

        List<IovaRange> windows() {
            List<IovaRange> windows = new ArrayList<>();
            for (JsonNode window : expected().path("windows")) {
                windows.add(new IovaRange(u64(window.path("iova")), u64(window.path("length"))));
            }
            return windows;
        }

        boolean isAligned() {
            return json.path("data_page_offset").asInt() % 8 == 0;
        }

        @Override
        public String toString() {
            return json.path("id").asText();
        }
    }

    /** {@return the cases of a kind} */
    static List<Case> ofKind(String kind, Predicate<Case> which) {
        List<Case> cases = new ArrayList<>();
        for (JsonNode json : CASES) {
            Case each = new Case(json);
            if (json.path("kind").asText().equals(kind) && which.test(each)) {
                cases.add(each);
            }
        }
        if (cases.isEmpty()) {
            throw new IllegalStateException("no public case of kind " + kind);
        }
        return cases;
    }

    static long u64(JsonNode node) {
        String text = node.asText();
        if (!text.startsWith("0x")) {
            throw new IllegalStateException("not a hexadecimal number: " + text);
        }
        return new BigInteger(text.substring(2), 16).longValue();
    }

    private static List<IovaRange> ranges(JsonNode pairs) {
        List<IovaRange> ranges = new ArrayList<>();
        for (JsonNode pair : pairs) {
            ranges.add(new IovaRange(u64(pair.path(0)), u64(pair.path(1))));
        }
        return ranges;
    }

    /** {@return ranges that are given by their first and last addresses} */
    static List<IovaRange> spans(JsonNode pairs) {
        return ranges(pairs).stream()
                .map(pair -> new IovaRange(pair.iova(), pair.length() - pair.iova() + 1))
                .toList();
    }

    /** {@return the bytes of a bitmap in which runs of [first, count] are set} */
    static byte[] bytesOf(JsonNode runs, int bitCount) {
        byte[] bytes = new byte[(bitCount + 7) / 8];
        for (JsonNode run : runs) {
            int first = run.path(0).asInt();
            for (int bit = first; bit < first + run.path(1).asInt(); bit++) {
                bytes[bit / 8] |= (byte) (1 << bit % 8);
            }
        }
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static JsonNode load() {
        try (InputStream in = Objects.requireNonNull(
                PublicCases.class.getResourceAsStream("public-cases.json"), "public-cases.json is missing")) {
            return new ObjectMapper().readTree(in).path("cases");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
