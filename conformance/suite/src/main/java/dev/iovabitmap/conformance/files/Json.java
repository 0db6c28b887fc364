package dev.iovabitmap.conformance.files;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON with one way to write it, and a reader for files from anybody: strict, and with an end to depth and length. */
public final class Json {
    private static final int DEEPEST = 16;
    private static final int LONGEST_NAME = 256;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNameLength(LONGEST_NAME)
                            .maxNumberLength(32)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                    DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
            .build();

    private Json() {}

    /** {@return the one way to write a value: two spaces, line feeds, UTF-8, a line feed at the end} */
    public static byte[] write(Object value) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
        try {
            return (MAPPER.writer(printer).writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * Reads a value that has all fields of its type, each once, and no other.
     *
     * @throws IllegalArgumentException with one sentence on what is wrong
     */
    public static <T> T read(byte[] content, Class<T> type) {
        return read(content, type, MAPPER.readerFor(type));
    }

    /**
     * Reads a value that may have fields which its type does not know, and lack those that may be null.
     *
     * @throws IllegalArgumentException with one sentence on what is wrong
     */
    public static <T> T readLeniently(byte[] content, Class<T> type) {
        return read(
                content,
                type,
                MAPPER.readerFor(type)
                        .without(
                                DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                                DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES));
    }

    /**
     * Reads any JSON.
     *
     * @throws IllegalArgumentException with one sentence on what is wrong
     */
    public static JsonNode tree(byte[] content) {
        return read(content, JsonNode.class, MAPPER.readerFor(JsonNode.class));
    }

    private static <T> T read(byte[] content, Class<T> type, ObjectReader reader) {
        try {
            // decoding here, since a parser that guesses the encoding would also take UTF-16 and malformed UTF-8
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
            T value = type.cast(reader.readValue(text));
            if (value == null) {
                throw new IllegalArgumentException("it is null");
            }
            return value;
        } catch (CharacterCodingException malformed) {
            throw new IllegalArgumentException("it is not UTF-8", malformed);
        } catch (JsonProcessingException wrong) {
            JsonLocation at = wrong.getLocation();
            String place = at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
            throw new IllegalArgumentException(place + firstLine(wrong.getOriginalMessage()), wrong);
        }
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("it is no JSON");
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
