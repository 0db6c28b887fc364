package dev.iovabitmap.conformance.rules;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The rules of the specification, as data: {@code rules.json} beside this class. */
public final class RuleCatalogue {
    private static final RuleCatalogue INSTANCE = read();

    private final String spec;
    private final Map<String, Rule> rules;

    private record Document(String spec, List<Rule> rules) {}

    private RuleCatalogue(Document document) {
        this.spec = document.spec();
        this.rules = new LinkedHashMap<>();
        for (Rule rule : document.rules()) {
            if (rules.put(rule.id(), rule) != null) {
                throw new IllegalStateException("rule " + rule.id() + " is there twice");
            }
        }
    }

    /** {@return the catalogue} */
    public static RuleCatalogue load() {
        return INSTANCE;
    }

    /** {@return the version of the specification} */
    public String spec() {
        return spec;
    }

    /** {@return all rules, in the order of the specification} */
    public List<Rule> rules() {
        return List.copyOf(rules.values());
    }

    /**
     * Returns a rule.
     *
     * @throws IllegalArgumentException if there is none of that id
     */
    public Rule rule(String id) {
        Rule rule = rules.get(id);
        if (rule == null) {
            throw new IllegalArgumentException("there is no rule '" + id + "' in specification " + spec);
        }
        return rule;
    }

    private static RuleCatalogue read() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
        try (InputStream in = Objects.requireNonNull(
                RuleCatalogue.class.getResourceAsStream("rules.json"), "rules.json is missing")) {
            return new RuleCatalogue(mapper.readValue(in, Document.class));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
