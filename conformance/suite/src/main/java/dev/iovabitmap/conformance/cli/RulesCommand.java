package dev.iovabitmap.conformance.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.SpecificationPage;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the rules. */
@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Prints the rules of the specification.")
final class RulesCommand implements Callable<Integer> {
    private static final int WIDTH = 100;
    private static final int INDENT = 12;

    enum Format {
        text,
        json,
        markdown
    }

    @Option(names = "--format", paramLabel = "FORMAT", description = "${COMPLETION-CANDIDATES}; text by default.")
    private Format format = Format.text;

    @Parameters(paramLabel = "RULE", description = "Only these, such as SET-5, or all of a group, such as SET.")
    private List<String> wanted = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        RuleCatalogue catalogue = RuleCatalogue.load();
        List<Rule> rules = chosen(catalogue);
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case text -> text(catalogue, rules, out);
            case json -> out.println(json(catalogue.spec(), rules));
            case markdown -> out.print(SpecificationPage.of(catalogue));
        }
        out.flush();
        return 0;
    }

    private List<Rule> chosen(RuleCatalogue catalogue) {
        if (wanted.isEmpty()) {
            return catalogue.rules();
        }
        if (format == Format.markdown) {
            throw new UsageException("--format markdown is the whole specification, so it goes with no RULE");
        }
        for (String name : wanted) {
            if (catalogue.rules().stream().noneMatch(rule -> isNamed(rule, name))) {
                String groups =
                        catalogue.rules().stream().map(Rule::group).distinct().collect(Collectors.joining(", "));
                throw new UsageException("there is no rule or group '" + name + "'; the groups are " + groups);
            }
        }
        return catalogue.rules().stream()
                .filter(rule -> wanted.stream().anyMatch(name -> isNamed(rule, name)))
                .toList();
    }

    private static boolean isNamed(Rule rule, String name) {
        return rule.id().equalsIgnoreCase(name) || rule.group().equalsIgnoreCase(name);
    }

    private static String json(String spec, List<Rule> rules) throws JsonProcessingException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("spec", spec);
        content.put("rules", rules);
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(content);
    }

    private static void text(RuleCatalogue catalogue, List<Rule> rules, PrintWriter out) {
        out.println("Specification " + catalogue.spec());
        String group = "";
        for (Rule rule : rules) {
            if (!rule.group().equals(group)) {
                group = rule.group();
                out.println();
            }
            String features = rule.features().isEmpty() ? "" : ", needs " + rule.features();
            String scope = rule.scope() == Rule.Scope.SUBJECT
                    ? ""
                    : ", " + rule.scope().name().toLowerCase(Locale.ROOT);
            String grace = catalogue
                    .graceUntil(rule)
                    .map(from -> ", counts from " + from + " on")
                    .orElse("");
            String suffix = " (" + rule.level() + grace + scope + features + ")";
            print(rule.id(), rule.text() + suffix, out);
        }
    }

    private static void print(String id, String text, PrintWriter out) {
        StringBuilder line = new StringBuilder(id);
        line.repeat(' ', Math.max(1, INDENT - id.length()));
        boolean empty = true;
        for (String word : text.split("\\s+", -1)) {
            if (!empty && line.length() + 1 + word.length() > WIDTH) {
                out.println(line);
                line.setLength(0);
                line.repeat(' ', INDENT);
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        out.println(line);
    }
}
