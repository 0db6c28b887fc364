package dev.iovabitmap.conformance.rules;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The rules of the specification, as data: {@code rules.json} beside this class. */
public final class RuleCatalogue {
    private static final RuleCatalogue INSTANCE = read();

    private final String spec;
    private final Map<String, Rule> rules;
    private final Map<String, Added> added;

    private record Document(String spec, List<Added> added, List<Rule> rules) {}

    /**
     * A rule that came after the first version of the specification.
     *
     * @param rule its id
     * @param since the version that it came with
     * @param mandatoryFrom the version from which on a failure counts; those before are its grace period
     */
    private record Added(String rule, String since, String mandatoryFrom) {}

    private RuleCatalogue(Document document) {
        this.spec = document.spec();
        this.rules = new LinkedHashMap<>();
        for (Rule rule : document.rules()) {
            if (rules.put(rule.id(), rule) != null) {
                throw new IllegalStateException("rule " + rule.id() + " is there twice");
            }
        }
        this.added = new LinkedHashMap<>();
        for (Added one : document.added()) {
            Version since = Version.parse(one.since());
            boolean sound = rules.containsKey(one.rule())
                    && since.compareTo(Version.parse(spec)) <= 0
                    && since.compareTo(Version.parse(one.mandatoryFrom())) < 0;
            if (!sound || added.put(one.rule(), one) != null) {
                throw new IllegalStateException("rule " + one.rule() + " cannot have been added like that");
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

    /**
     * Returns the end of a rule's grace period. In it the rule is tested and reported, but a failure does not stand in the way
     * of a certificate.
     *
     * @return the version from which on the rule counts, if this version is before it
     */
    public Optional<String> graceUntil(Rule rule) {
        return Optional.ofNullable(added.get(rule.id()))
                .map(Added::mandatoryFrom)
                .filter(from -> Version.parse(spec).compareTo(Version.parse(from)) < 0);
    }

    private static RuleCatalogue read() {
        try (InputStream in = Objects.requireNonNull(
                RuleCatalogue.class.getResourceAsStream("rules.json"), "rules.json is missing")) {
            return read(in);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** {@return the catalogue that a text holds} */
    public static RuleCatalogue read(InputStream in) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
        return new RuleCatalogue(mapper.readValue(in, Document.class));
    }
}
