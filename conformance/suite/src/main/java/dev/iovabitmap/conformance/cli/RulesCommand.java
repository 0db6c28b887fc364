package dev.iovabitmap.conformance.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.SpecificationPage;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        RuleCatalogue catalogue = RuleCatalogue.load();
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case text -> text(catalogue, out);
            case json -> out.println(json(catalogue));
            case markdown -> out.print(SpecificationPage.of(catalogue));
        }
        out.flush();
        return 0;
    }

    private static String json(RuleCatalogue catalogue) throws JsonProcessingException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("spec", catalogue.spec());
        content.put("rules", catalogue.rules());
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(content);
    }

    private static void text(RuleCatalogue catalogue, PrintWriter out) {
        out.println("Specification " + catalogue.spec());
        String group = "";
        for (Rule rule : catalogue.rules()) {
            if (!rule.group().equals(group)) {
                group = rule.group();
                out.println();
            }
            String features = rule.features().isEmpty() ? "" : ", needs " + rule.features();
            String scope = rule.scope() == Rule.Scope.SUBJECT
                    ? ""
                    : ", " + rule.scope().name().toLowerCase(Locale.ROOT);
            String suffix = " (" + rule.level() + scope + features + ")";
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
