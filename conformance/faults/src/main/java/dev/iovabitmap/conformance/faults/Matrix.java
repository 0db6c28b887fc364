package dev.iovabitmap.conformance.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.util.List;

/**
 * Which rules' tests notice which fault, as {@code matrix.json} of the suite has it.
 *
 * @param faults the rows
 */
public record Matrix(List<Row> faults) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * A fault.
     *
     * @param id its id
     * @param wrong what is wrong
     * @param reEnacts the commit or source that it re-enacts
     * @param rules the rules that it breaks
     * @param caughtBy the rules of which a test fails, in the order of the specification
     */
    public record Row(String id, String wrong, String reEnacts, List<String> rules, List<String> caughtBy) {}

    /** {@return the row of a fault}
     *
     * @param fault the fault
     * @param caughtBy the rules of which a test fails
     */
    static Row row(Fault fault, List<String> caughtBy) {
        String source = fault.reEnacts().isEmpty()
                ? RuleCatalogue.load().rule(fault.rules().get(0)).source()
                : fault.reEnacts();
        return new Row(fault.id(), fault.wrong(), source, fault.rules(), caughtBy);
    }

    static Matrix parse(String json) {
        try {
            return JSON.readValue(json, Matrix.class);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("matrix.json cannot be read", broken);
        }
    }

    String toJson() {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        ObjectWriter writer = JSON.writer(printer);
        try {
            return writer.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
