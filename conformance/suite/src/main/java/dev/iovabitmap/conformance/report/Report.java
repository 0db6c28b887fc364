package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.rules.Rule;
import dev.iovabitmap.conformance.waiver.Waiver;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What report.json holds; {@code report.schema.json} describes it. All other files of a report but the attachments follow
 * from it.
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Report(
        String schema,
        Suite suite,
        String spec,
        Subject subject,
        String tier,
        @JsonSetter(nulls = Nulls.SET) @Nullable String transport,
        List<String> variants,
        @JsonSetter(nulls = Nulls.SET) @Nullable String simulated,
        List<String> features,
        BigInteger seed,
        String date,
        Environment environment,
        Verdict verdict,
        List<String> problems,
        List<Waiver> waivers,
        List<RuleEntry> rules,
        List<TestEntry> tests,
        List<String> attachments) {
    static final String SCHEMA = "https://iovabitmap.dev/schema/report-1.json";

    /** {@return what the subject is called: the provider, with the transport if there is one} */
    public String name() {
        return subject.name(transport);
    }

    /** The sum is null if the suite did not come from a jar. */
    public record Suite(
            String version,
            @JsonSetter(nulls = Nulls.SET) @Nullable String sha256) {}

    /** The sum is null if the class did not come from a jar; location is {@code jar}, {@code directory} or {@code unknown}. */
    public record Subject(
            String provider,
            String version,
            @JsonSetter(nulls = Nulls.SET) @Nullable String sha256,
            @JsonProperty("class") String className,
            String location,
            @JsonSetter(nulls = Nulls.SET) @Nullable String file) {
        /** {@return the provider, with the transport if there is one} */
        public String name(@Nullable String transport) {
            return transport == null ? provider : provider + "-" + transport;
        }
    }

    /**
     * Where it ran. The kernel is what a guest says of its own: packages, and what was changed in it; null where there is no
     * guest.
     */
    public record Environment(
            String java,
            String vm,
            String os,
            String arch,
            int processors,
            @JsonSetter(nulls = Nulls.SET) @Nullable GuestKernel kernel) {}

    /** What became of a rule. The message is null if and only if the status is PASS. */
    public record RuleEntry(
            String id,
            Rule.Level level,
            String text,
            Status status,
            List<TestStatus> tests,
            @JsonSetter(nulls = Nulls.SET) @Nullable String message) {}

    /** A test of a rule. */
    public record TestStatus(String id, Status status) {}

    /** What became of a test. The message is null if and only if the status is PASS. */
    public record TestEntry(
            String id,
            List<String> rules,
            Status status,
            @JsonSetter(nulls = Nulls.SET) @Nullable String message) {}
}
