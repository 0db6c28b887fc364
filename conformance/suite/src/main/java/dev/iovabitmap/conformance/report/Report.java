package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.rules.Rule;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What report.json holds; {@code report.schema.json} describes it. */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Report(
        String schema,
        Suite suite,
        String spec,
        Subject subject,
        String tier,
        @Nullable String transport,
        List<String> variants,
        @Nullable String simulated,
        List<String> features,
        BigInteger seed,
        Environment environment,
        Verdict verdict,
        List<String> problems,
        List<RuleEntry> rules,
        List<String> attachments) {
    static final String SCHEMA = "https://iovabitmap.dev/schema/report-1.json";

    /** The sum is null if the suite did not come from a jar. */
    record Suite(String version, @Nullable String sha256) {}

    /** The sum is null if the class did not come from a jar; location is {@code jar}, {@code directory} or {@code unknown}. */
    record Subject(
            String provider,
            String version,
            @Nullable String sha256,
            @JsonProperty("class") String className,
            String location,
            @Nullable String file) {
        /** {@return the provider, with the transport if there is one} */
        String name(@Nullable String transport) {
            return transport == null ? provider : provider + "-" + transport;
        }
    }

    /** The kernel is what a guest says of its own: packages, and what was changed in it. Absent where there is no guest. */
    record Environment(
            String java,
            String vm,
            String os,
            String arch,
            int processors,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            GuestKernel kernel) {}

    record RuleEntry(
            String id,
            Rule.Level level,
            String text,
            Status status,
            List<TestEntry> tests,
            @Nullable String message) {}

    record TestEntry(String id, Status status) {}
}
