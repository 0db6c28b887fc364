package dev.iovabitmap.conformance.rules;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/** The rules of the specification. */
public final class RuleCatalogue {
    private record Content(String spec, List<Rule> rules) {}

    private final Content content;

    private RuleCatalogue(Content content) {
        this.content = content;
    }

    /** {@return the catalogue that the suite carries} */
    public static RuleCatalogue load() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
        try (InputStream in = Objects.requireNonNull(RuleCatalogue.class.getResourceAsStream("rules.json"))) {
            return new RuleCatalogue(mapper.readValue(in, Content.class));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** {@return the version of the specification} */
    public String spec() {
        return content.spec;
    }

    /** {@return all rules, in order} */
    public List<Rule> rules() {
        return content.rules;
    }

    /** {@return the rule of an id} */
    public Rule rule(String id) {
        return rules().stream()
                .filter(rule -> rule.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no rule is named '" + id + "'"));
    }

    /** {@return the catalogue as a page} */
    public String toMarkdown() {
        return "# Specification " + spec() + "\n";
    }
}
